"""How much listening the means of a day and of a month need."""

MIN_DAY_PLAYS = 5
"""Counted plays of a local date of which means and shares are computed."""

MIN_MONTH_PLAYS = 30
"""The same of a month: by chance alone it differs from the next by up to a third."""
