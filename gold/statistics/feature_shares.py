"""On what the features under a number rest, and how many of them must be a track's own.

The models say the same in SQL.
"""

MIN_GROUNDED_SHARE = 0.5
"""Below, values are mostly copies of others' values, and results are withheld."""

SOURCE_OF_SHARE = {
    "measured_share": "real",
    "catalogue_share": "kaggle",
    "synthetic_share": "synthetic",
}
"""The ``feature_source`` that each of the share columns counts."""

GROUNDED_SOURCES = ("real", "kaggle")
"""Sources whose values are a track's own."""
