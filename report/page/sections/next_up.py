"""What may come next, and what to play: forecasts, lists by purpose, and what these are worth."""

from collections.abc import Sequence
from statistics import fmean

from report.page import words
from report.page.charts.forecast import forecast_chart
from report.page.listening import Listening
from report.page.parts import ANY, Block, Column, Format, Numbers, Section, View
from report.page.questions.forecast import Forecast, ForecastDay, forecasts, past_days
from report.page.questions.recommendations import (
    RankingQuality,
    Recommendation,
    ranking_quality,
    recommendations,
)
from report.page.sections.answers import NOT_YET, interval, short, without_answer
from report.page.sections.choices import too_few
from report.page.words import plural
from report.plain_words import (
    MEASURES,
    MUSIC_NOT_MOOD,
    PURPOSES,
    RANKINGS,
    SIMPLE_MODELS,
    TASKS,
)
from report.spotify_links import track_link

_TITLES = {
    "valence": "How bright will the next seven days sound?",
    "energy": "How energetic will the next seven days sound?",
    "minutes": "How much music will it be in the next seven days?",
}
_STEPS = {"calm": "energy", "lift": "valence", "focus": "energy"}
_SHOWN = 20


def section(listening: Listening) -> Section:
    """Return the forecasts, a list for each purpose, and how well such lists did before."""
    lists = recommendations(listening)
    return Section(
        id="next",
        title="Next",
        lead="What the next days may be like, and what to play. The lists promise a sound and "
        f"nothing else. {MUSIC_NOT_MOOD}",
        blocks=(
            *(_forecast(listening, each) for each in forecasts(listening)),
            *(_purpose(purpose, rows, redact=listening.redact) for purpose, rows in lists.items()),
            Block(
                id="next-quality",
                title="How good are these lists?",
                views={(ANY, ANY): _quality(ranking_quality(listening))},
                note="Your last weeks were held out one by one and ranked from what was before "
                "them. 1 is the best list possible, 0 one without a single hit (NDCG of the first "
                "50), with its 95% interval over weeks. It says how well habits are predicted, not "
                "how good a list is for you.",
                is_wide=True,
                is_folded=True,
            ),
        ),
    )


def _forecast(listening: Listening, forecast: Forecast) -> Block:
    return Block(
        id=f"next-{forecast.measure}",
        title=_TITLES[forecast.measure],
        views={(ANY, ANY): _forecast_view(listening, forecast)},
        label=f"Forecast of {MEASURES[forecast.measure]} with its intervals",
        # The third of three: beside it would be nothing.
        is_wide=forecast.measure == "minutes",
        note=_forecast_note(forecast),
    )


def _forecast_view(listening: Listening, forecast: Forecast) -> View:
    if forecast.status == "ok":
        past = past_days(listening, forecast.measure)
        form = "format:minutes" if forecast.measure == "minutes" else "format:number"
        return View(
            option=forecast_chart(past, forecast.days, form),
            sentence=f"Forecasts like this one were {forecast.skill or 0:.0%} nearer to what came "
            "than your plain average.",
            table=_days_table(forecast),
        )
    first = next((day for day in forecast.days if day.value is not None), None)
    if forecast.status == "no_skill" and first is not None:
        return View(
            status="no_skill",
            reason="Your past days do not tell what the next ones will be: "
            f"{plural(forecast.n_origins or 0, 'past forecast')} came no nearer than "
            f"{SIMPLE_MODELS.get(forecast.best_simple_model or '', 'your plain average')}. "
            f"So expect ordinary days: {_usual(forecast.measure, first)}.",
        )
    return without_answer(forecast.status, forecast.reason)


def _usual(measure: str, day: ForecastDay) -> str:
    write = words.minutes if measure == "minutes" else words.number
    said = f"about {write(day.value or 0)}"
    if day.low_80 is None or day.high_80 is None:
        return said
    return f"{said}, and on four days of five between {write(day.low_80)} and {write(day.high_80)}"


def _forecast_note(forecast: Forecast) -> str:
    if forecast.status not in ("ok", "no_skill"):
        return ""
    low, high = (100 * (each or 0) for each in (forecast.skill_low, forecast.skill_high))
    synthetic = (
        f" {words.percent(forecast.synthetic_share)} of the plays behind it have synthetic "
        "features."
        if forecast.synthetic_share
        else ""
    )
    gain = f"{100 * (forecast.skill or 0):.1f}% (95% interval {low:.1f} to {high:.1f})"
    return (
        f"From {plural(forecast.n_days, 'day')}. Gain over the best simple forecast: "
        f"{gain.replace('-', '−')}.{synthetic}"
    )


def _days_table(forecast: Forecast) -> Numbers:
    form: Format = "minutes" if forecast.measure == "minutes" else "number"
    return Numbers(
        (
            Column("Day", "date"),
            Column("Forecast", form),
            Column("80 of 100"),
            Column("95 of 100"),
        ),
        [
            (
                day.day,
                day.value,
                interval(day.low_80, day.high_80, 2),
                interval(day.low_95, day.high_95, 2),
            )
            for day in forecast.days
        ],
    )


def _purpose(purpose: str, rows: Sequence[Recommendation], *, redact: bool) -> Block:
    return Block(
        id=f"next-{purpose}",
        title=f"Songs {PURPOSES[purpose]}",
        views={(ANY, ANY): _list(purpose, rows, redact=redact)},
        note=_shift_in_words(purpose, rows),
        is_wide=rows[0].track is not None,
    )


def _list(purpose: str, rows: Sequence[Recommendation], *, redact: bool) -> View:
    first, has_steps = rows[0], purpose in _STEPS
    if first.track is None:
        return without_answer(first.status, first.reason)
    # Reasons name days of single plays.
    reason = () if redact else (Column("Why"),)
    sound = (Column("Brightness", "number"), Column("Energy", "number"))
    table = Numbers(
        (
            Column("", "count"),
            Column("Track", "name", "track"),
            Column("Artist", "name", "artist"),
            *reason,
            *(sound if has_steps else ()),
            Column("Spotify", "link"),
        ),
        [
            (
                row.rank,
                row.track,
                row.artist,
                *((row.explanation,) if reason else ()),
                *((row.valence, row.energy) if has_steps else ()),
                track_link(row.track_id),
            )
            for row in rows[:_SHOWN]
        ],
    )
    if first.status == "ok":
        return View(table=table)
    answer = without_answer(first.status, first.reason)
    return View(table=table, status=answer.status, reason=f"A list all the same: {answer.reason}")


def _shift_in_words(purpose: str, rows: Sequence[Recommendation]) -> str:
    """Return by how much the list moves the sound, beside chance and habit."""
    feature = _STEPS.get(purpose)
    if feature is None or rows[0].track is None:
        return ""
    shifts = [getattr(row, f"{feature}_shift") for row in rows]
    known = [each for each in shifts if each is not None]
    by_chance = getattr(rows[0], f"random_{feature}_shift")
    by_habit = getattr(rows[0], f"habit_{feature}_shift")
    if not known or by_chance is None or by_habit is None:
        return ""
    said = {"valence": "brightness", "energy": "energy"}[feature]
    return (
        f"In the order to play in. On average {said} {_signed(fmean(known))} against your last 7 "
        f"days; songs picked by chance {_signed(by_chance)}, those you would play anyway "
        f"{_signed(by_habit)}. Of the sound; nobody showed that it calms, lifts or focuses anybody."
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _quality(rows: Sequence[RankingQuality]) -> View:
    if not rows:
        return too_few(NOT_YET)
    shown = [row for row in rows if row.ships]
    said = (
        f"{TASKS.get(row.task, row.task)}: "
        + (
            f"{row.ndcg:.2f}, by chance {row.ndcg - row.over_random:.2f}"
            if row.status == "ok" and row.ndcg is not None and row.over_random is not None
            else without_answer(row.status, row.reason).reason.rstrip(".")
        )
        for row in shown
    )
    return View(
        sentence="; ".join(said) + ".",
        table=Numbers(
            (
                Column("List"),
                Column("Ranked by"),
                Column("Shown"),
                Column("Score", "number"),
                Column("95% interval"),
                Column("Better than chance by"),
                Column("Share of the songs met", "percent"),
                Column("Weeks", "count"),
                Column("Plays", "count"),
                Column("Status"),
            ),
            [_quality_row(row) for row in rows],
        ),
    )


def _quality_row(row: RankingQuality) -> tuple[object, ...]:
    over = interval(row.over_random_low, row.over_random_high, 2)
    return (
        TASKS.get(row.task, row.task),
        RANKINGS.get(row.model, row.model),
        "shown" if row.ships else "",
        row.ndcg,
        interval(row.low, row.high, 2),
        None
        if row.over_random is None or row.model == "random"
        else f"{short(row.over_random, 2)} ({over})",
        row.recall,
        row.weeks,
        row.n_test_plays,
        "" if row.status == "ok" else row.reason,
    )
