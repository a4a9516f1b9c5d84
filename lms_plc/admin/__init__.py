"""The desk of whoever runs this tool: connecting learning platforms, and seeing that all is well."""
