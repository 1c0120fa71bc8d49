"""The declared sources of plays as a relation: a row a source."""

from engines.models import rows_as_model
from schemas.play_sources import PLAY_SOURCES

MODEL = rows_as_model("play_sources", [each.row for each in PLAY_SOURCES])
