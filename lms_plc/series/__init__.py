"""The rhythm a community means to keep: series of meetings, the school calendar, and calendars elsewhere."""
