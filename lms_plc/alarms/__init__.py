"""Telling whoever runs this tool what cannot wait until they look: over the web, or by mail."""
