"""Where the features under a number come from.

The models say the same in SQL.
"""

SOURCE_OF_SHARE = {
    "measured_share": "real",
    "catalogue_share": "kaggle",
    "synthetic_share": "synthetic",
}
"""The ``feature_source`` that each of the share columns counts."""

GROUNDED_SOURCES = ("real", "kaggle")
"""Sources whose values are a track's own."""
