"""Cycles of inquiry: the shipped ones, and what communities made of them."""
