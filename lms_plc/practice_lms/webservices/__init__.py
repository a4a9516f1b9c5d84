"""Moodle's REST web services, as far as a roster needs them."""
