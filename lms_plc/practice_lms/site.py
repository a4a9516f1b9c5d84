"""What this site calls itself and its activity, and which Moodle it stands in for."""

ACTIVITY = "Our learning community"
ACTIVITY_TEXT = "Open the community of this course.\r\n\r\nOnly its members read along."
SITE_NAME = "Practice LMS & school network"
SITE_SHORT_NAME = "PRACTICE"
MOODLE_VERSION = "2024100706"
MOODLE_RELEASE = "4.5.6 (Build: 20250811)"
