"""Chosen items that tell how a piece of work began, moved and ended."""
