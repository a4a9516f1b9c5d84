"""Meetings: when and where, what is on the agenda, what was decided."""
