"""How long the lake gets to know a person before it says what is new to them."""

BURN_IN_DAYS = 90
"""In a person's first days with the lake most tracks are new to it, if not to the person."""
