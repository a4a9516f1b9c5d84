"""Asking a colleague to read or to look, and what they saw. Nobody is graded."""
