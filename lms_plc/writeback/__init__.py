"""What of a community is told to its LMS: cohorts, groups, calendar events and messages, each behind a switch."""
