"""Somebody leads a development of their own: stages, talks, plan, rounds."""
