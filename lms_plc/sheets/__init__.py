"""Meetings on paper: a sheet to print, and the way of what was written on it by hand into the rooms it belongs to."""
