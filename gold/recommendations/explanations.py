"""Words that explain why a track is in a list."""

from datetime import date

_SEASONS = ("winter", "spring", "summer", "autumn")


def how_many(some: int, plays: int) -> str:
    if plays == 1:
        return ""
    return "all " if some == plays else f"{some} of them "


def times(plays: int) -> str:
    return "played once" if plays == 1 else f"played {plays} times"


def day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def season_name(number: float) -> str:
    """Name a season by its number: four times the year, plus 0 for the winter that ends in it."""
    year, place = divmod(int(number), len(_SEASONS))
    if place == 0:
        return f"winter {year - 1}/{year % 100:02d}"
    return f"{_SEASONS[place]} {year}"
