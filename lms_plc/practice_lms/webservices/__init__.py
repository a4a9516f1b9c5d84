"""Moodle's REST web services, as far as this tool calls them: what a roster needs, and what it may write."""
