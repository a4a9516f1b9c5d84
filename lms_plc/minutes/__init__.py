"""Minutes: drafted from what was written down, approved by those who were there."""
