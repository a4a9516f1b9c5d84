"""A protocol as it is run: steps, clock, roles, and what is written down meanwhile."""
