"""How many people may lose something at once before somebody has to look? One rule for a sync and for what is written
into an LMS."""

MOST = 20
SHARE = 10
"""So many may go at once, or so many per cent of those who are in if that is more."""

FEWEST_OF_HALF = 5
"""Of a small number, so many may not go when they are more than half of it."""


def is_too_many(going: int, active: int) -> bool:
    """Whether ``going`` of ``active`` are more than anybody can have meant: more than 20 and more than 10 %, or at
    least 5 and more than half."""
    over_the_share = going > MOST and going * 100 > active * SHARE
    return over_the_share or (going >= FEWEST_OF_HALF and going * 2 > active)
