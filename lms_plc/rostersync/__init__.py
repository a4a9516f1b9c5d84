"""Bringing communities in line with the rosters of an LMS: plan → guard → apply → report."""
