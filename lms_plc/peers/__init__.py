"""A peer of one's own subject elsewhere, found by consent."""
