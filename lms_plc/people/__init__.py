"""Persons, how an LMS knows them, and the browsers they sit at."""
