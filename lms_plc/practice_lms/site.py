"""What this site calls itself and its activity, and which Moodle it stands in for."""

ACTIVITY = "Our learning community"
SITE_NAME = "Practice LMS & school network"
SITE_SHORT_NAME = "PRACTICE"
MOODLE_VERSION = "2024100706"
MOODLE_RELEASE = "4.5.6 (Build: 20250811)"
