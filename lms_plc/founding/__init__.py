"""Opening a community from a course: its school, who leads it, how many it means to be, and the day it first meets."""
