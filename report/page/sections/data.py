"""What all of this rests on: features, sources, gaps, what was not read, and what to do next."""

from collections.abc import Sequence

from lake.reader import has_table
from loaders.export_names import WHERE_EXPORTS_ARE
from report.lake_health import Gap, advice_on_catalogue, advice_on_gaps, play_gaps
from report.page import words
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Numbers, Section, View
from report.page.questions.provenance import (
    FeatureCoverage,
    feature_coverage,
    feature_days,
    sources,
)
from report.page.sections.coverage import coverage_blocks, coverage_in_words, shares
from report.page.sections.taken_in import taken_in_blocks
from schemas.bronze_schemas import KAGGLE_TRACKS

_MOSTLY = 0.5
_FEW_PLAYS = 100


def section(listening: Listening) -> Section:
    """Return where features and plays come from, what is missing and why, and what to do."""
    gaps, days = play_gaps(listening.connection, listening.user_id), feature_days(listening)
    whole = feature_coverage(days, listening.periods[0], "year")
    return Section(
        id="data",
        title="Data",
        lead=coverage_in_words(whole, "plays"),
        blocks=(
            Block(
                id="data-next",
                title="What would make this page better?",
                views={(ANY, ANY): _advice(listening, whole, gaps)},
                is_wide=True,
            ),
            *coverage_blocks(listening, days, gaps),
            *taken_in_blocks(listening),
        ),
    )


def _advice(listening: Listening, whole: Sequence[FeatureCoverage], gaps: Sequence[Gap]) -> View:
    """Return what to do in the order of what it helps most; paths as DATA_DIR has them."""
    found = shares(whole, "plays")
    plays = sum(row.plays for row in whole)
    still_open = [each for each in gaps if each.closed_at is None]
    reporting = [each.source for each in sources(listening)]
    given = []
    if still_open:
        given.append(("Find missing plays", advice_on_gaps(still_open, "DATA_DIR/exports")))
    if plays < _FEW_PLAYS or "extended" not in reporting:
        given.append(
            (
                "Add the whole history",
                f"ask Spotify for your data ({WHERE_EXPORTS_ARE}) and put the zip into "
                "DATA_DIR/exports: it alone tells skips, devices and all years",
            )
        )
    if not has_table(listening.connection, KAGGLE_TRACKS.full_name):
        given.append(("Add real features", advice_on_catalogue("DATA_DIR/kaggle")))
    elif found["synthetic"] + found["none"] > _MOSTLY:
        given.append(
            (
                "Add real features",
                f"{words.percent(found['synthetic'] + found['none'])} of the plays have no "
                "features of their own, so much is withheld: use the full Kaggle dataset.csv, or "
                "let ReccoBeats be asked (docs/FIX_403_AUDIO_FEATURES.md)",
            )
        )
    if not given:
        return View(sentence="Nothing: no gap is open, and most plays have features of their own.")
    return View(table=Numbers((Column("What"), Column("How")), given))
