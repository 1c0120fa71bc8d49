"""A week of scheduled runs, and the line through measurements of months of them."""

import shutil
from pathlib import Path

import pytest

from tests.soak.growth import Sample, growth
from tests.soak.long_life import live


def test_a_week_of_scheduled_runs_leaves_nothing_open_and_nothing_behind(tmp_path: Path) -> None:
    if shutil.which("cc") is None or not Path("/proc/self/statm").exists():
        pytest.skip("needs Linux and a C compiler, which builds the clock")

    samples, failed = live(
        tmp_path, 9, interval_hours=24, sample_every=3, plays_per_day=5, steps="none"
    )

    assert failed == 0
    assert "the weekly upkeep is done" in (tmp_path / "scheduler.log").read_text("utf-8")
    measures = [each.values for each in samples]
    assert [each["scheduler open files"] for each in measures] == [3, 3, 3]
    assert [each["temporary files"] for each in measures] == [0, 0, 0]
    assert [each["log folder MB"] for each in measures] == [0, 0, 0]
    assert len({each["files outside of tables"] for each in measures}) == 1
    assert measures[-1]["scheduler MB"] - measures[0]["scheduler MB"] < 1
    assert 0 < measures[0]["rows of plays"] < measures[-1]["rows of plays"]


@pytest.mark.parametrize(
    ("values", "per_100_runs", "is_too_much"),
    [
        ([1, 10, 20, 30, 30, 30], 0, False),  # of the second half
        ([1, 10, 20, 30, 31, 32], 10, False),  # by 2 of 31
        ([1, 10, 20, 30, 33, 36], 30, True),  # by 6 of 33, and above the peak of 30
        ([1, 10, 20, 36, 33, 30], -30, False),
        ([10, 40, 50, 10, 30, 50], 200, False),  # the teeth of a saw
    ],
)
def test_what_rises_by_its_line_and_its_peaks_grows(
    values: list[float], per_100_runs: float, is_too_much: bool
) -> None:
    samples = [Sample(10 * n, {"files": value}) for n, value in enumerate(values, start=1)]

    (found,) = growth(samples)

    assert found.per_100_runs == pytest.approx(per_100_runs)
    assert found.is_too_much == is_too_much


def test_what_follows_the_listening_may_grow() -> None:
    samples = [Sample(run, {"rows of plays": 10.0 * run}) for run in (1, 2, 3, 4)]

    (found,) = growth(samples)

    assert found.per_100_runs == pytest.approx(1000)
    assert not found.is_too_much
