"""A private notebook; its author may share a part."""
