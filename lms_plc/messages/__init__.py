"""Direct messages, one to one or in a small group."""
