"""An LMS installation: its registrations, its courses, its connector, and what a launch makes of them."""
