"""Conversation protocols: a timed order of talk with roles, shipped or adapted by a community."""
