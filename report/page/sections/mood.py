"""How the music sounds: its map and its kinds; its days and hours come from ``mood_times``."""

from report.page.charts.mood import kinds_chart, map_chart
from report.page.listening import Listening
from report.page.parts import Block, Column, Measure, Numbers, Section, View
from report.page.questions.kinds import Kind, KindsModel, kinds, kinds_model
from report.page.questions.mood import MAP_TRACKS, MapTrack, mood_map
from report.page.sections.answers import NOT_YET, share, without_answer
from report.page.sections.choices import by_choice, by_period, too_few
from report.page.sections.mood_times import time_blocks
from report.page.words import plural
from report.plain_words import FEATURE_SOURCES, MUSIC_NOT_MOOD


def section(listening: Listening) -> Section:
    """Return the map of tracks, the kinds of sound, the calendar and the hours."""
    model, periods = kinds_model(listening), listening.periods
    found = kinds(listening, periods)
    return Section(
        id="mood",
        title="Mood",
        lead=f"How bright and how energetic the music sounds. {MUSIC_NOT_MOOD}",
        blocks=(
            Block(
                id="mood-map",
                title="Where does my music lie?",
                views=by_period(
                    mood_map(listening, periods),
                    listening,
                    lambda rows, period: _map(rows, found[period.id]),
                ),
                note=f"The {MAP_TRACKS} tracks played most, a circle each, as large as its share. "
                "An empty circle with a broken line has synthetic features, those of a similar "
                "track. Squares are the centres of the kinds of sound.",
                label="Tracks by brightness and energy",
                height=560,
                is_wide=True,
            ),
            Block(
                id="mood-kinds",
                title="Which kinds of sound are in it?",
                views=by_choice(
                    found, listening, lambda rows, _, measure: _kinds(model, rows, measure)
                ),
                note=_model_in_words(model),
                label="Share of each kind of sound",
                height=300,
            ),
            *time_blocks(listening),
        ),
    )


def _map(tracks: list[MapTrack], found: list[Kind]) -> View:
    if not tracks:
        return too_few("No track of this period has audio features.")
    synthetic = sum(each.source == "synthetic" for each in tracks)
    if synthetic > len(tracks) / 2:
        return without_answer(
            "withheld",
            f"{synthetic} of the {len(tracks)} tracks played most have synthetic features: the map "
            "would show where similar tracks lie, not these",
        )
    return View(
        option=map_chart(tracks, found),
        table=Numbers(
            (
                Column("Track", "name", "track"),
                Column("Artist", "name", "artist"),
                Column("Plays", "count"),
                Column("Time", "minutes"),
                Column("Brightness", "number"),
                Column("Energy", "number"),
                Column("Kind of sound", names="kind"),
                Column("Features"),
            ),
            [
                (
                    each.track,
                    each.artist,
                    each.plays,
                    each.minutes,
                    each.valence,
                    each.energy,
                    each.label,
                    FEATURE_SOURCES[each.source],
                )
                for each in tracks
            ],
        ),
    )


def _heard(row: Kind, measure: Measure) -> float:
    return row.plays if measure == "plays" else row.minutes


def _kinds(model: KindsModel | None, found: list[Kind], measure: Measure) -> View:
    if model is None:
        return too_few(NOT_YET)
    if model.status != "ok":
        return without_answer(model.status, model.reason)
    if not found:
        return too_few("No track of this period has audio features.")
    whole = sum(_heard(each, measure) for each in found) or 1
    first = found[0] if measure == "plays" else max(found, key=lambda each: each.minutes)
    return View(
        option=kinds_chart(found, measure),
        sentence=f"Most of it is {first.label}: {share(_heard(first, measure) / whole)} of what "
        "has features.",
        table=Numbers(
            (
                Column("Kind of sound", names="kind"),
                Column("Share", "percent"),
                Column("Tracks", "count"),
                Column("Plays", "count"),
                Column("Time", "minutes"),
                Column("Synthetic, of plays", "percent"),
                Column("Tracks that fit the name", "percent"),
            ),
            [
                (
                    each.label,
                    _heard(each, measure) / whole,
                    each.tracks,
                    each.plays,
                    each.minutes,
                    each.synthetic_plays / each.plays,
                    each.purity,
                )
                for each in found
            ],
        ),
    )


def _model_in_words(model: KindsModel | None) -> str:
    """Return how real the kinds are, beside what shuffled features give."""
    if model is None or model.status != "ok" or model.stability is None:
        return ""
    return (
        f"{model.k} kinds, found in {plural(model.n_fitted or 0, 'track')} whose features are "
        f"their own. Found again in other samples they agree to {model.stability:.2f} of 1; with "
        f"shuffled features, so without any kinds, to {model.null_stability or 0:.2f}. How well "
        f"they are parted: {model.silhouette or 0:.2f}; with shuffled features at most "
        f"{model.null_silhouette or 0:.2f}. A name is that of the centre; tracks at the edge may "
        "sound otherwise."
    )
