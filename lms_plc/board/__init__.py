"""The issue board: what is in the way at school, who takes it on, and what became of it."""
