"""Being in a colleague’s lesson: what was seen, what was heard, what one guesses."""
