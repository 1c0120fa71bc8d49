"""Both engines mean the same by every allowed function and form, shown by probes."""

import re

import pytest

from engines.engine import Engine
from engines.portability import all_entries, entries, problems
from tests.engines.both import differing_rows
from tests.engines.probes import all_probes, batches, differences, nasty
from tests.models import duckdb_engine

# Parameters are literals when a model runs.
NEED_NO_PROBE = {"Placeholder"}


def test_every_entry_of_the_allow_list_has_a_probe() -> None:
    probed = set().union(*map(entries, all_probes()))

    assert all_entries() - probed == NEED_NO_PROBE


def test_every_probe_uses_what_is_allowed_only() -> None:
    assert {each: problems(each) for each in all_probes() if problems(each)} == {}


@pytest.mark.spark
def test_the_engines_answer_every_probe_alike(spark_engine: Engine) -> None:
    assert differences(duckdb_engine(), spark_engine) == []


def test_what_differs_is_named_by_its_probe() -> None:
    wrong = [
        (query.replace("weekday_of(d)", "weekday_of(d + 1)"), probes)
        for query, probes in batches()[:1]
    ]
    engine = duckdb_engine()
    engine.register("nasty", nasty())

    class Wrong:
        register = staticmethod(engine.register)

        def fetch_arrow(self, _: str) -> object:
            return engine.fetch_arrow(wrong[0][0])

    (found,) = differences(engine, Wrong(), lambda: batches()[:1])  # type: ignore[arg-type]

    assert found.startswith("weekday_of(d): ")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"half_even\(x\)", "round(x)"),
        (r"decimals\(x, 2\)", "round_even(x, 2)"),
        (r"whole\(x\)", "CAST(trunc(x) AS BIGINT)"),
        (r"total\(n\)", "coalesce(total(n), 0)"),
        (r"count_true\(b\)", "count(b)"),
        (r"count_true\(b\)", "count_if(b)"),
        (r"millis\(ts\)", "(micros(ts) - (micros(ts) % 1000 + 1000) % 1000) // 1000"),
        (r"wall_time\(ts, 'America/Denver'\)", "timezone('Etc/GMT+7', ts)"),
        (r"wall_time\(ts, 'Asia/Kathmandu'\)", "timezone('Etc/GMT-6', ts)"),
        (r"wall_time\(ts, '([\w/]+)'\)", r"timezone('\1', CAST(ts AS TIMESTAMP))"),
        (r"weekday_of\(d\)", "dayofweek(d)"),
        (r"year_month\(d\)", "strftime(d, '%G-%m')"),
        (r"list_size\(tags\)", "coalesce(list_size(tags), 0)"),
        (r"normalised\(s\)", "lower(s)"),
        (r"normalised\(s\)", "normalised(strip_accents(s))"),
        (r"normalised\(s\)", "nfc_normalize(s)"),
        (r"s < t", "length(s) < length(t)"),
        (r"a\.s = b\.t", "lower(a.s) = lower(b.t)"),
        (r"'Z'", "'a'"),
        (r"concat\(s, '\|', t\)", "s || '|' || t"),
        (r"s \|\| t", "concat(s, t)"),
        (r"string_split\(s, '\.'\)", "string_split_regex(s, '.')"),
        (r", 'g'\)", ")"),
        (r"median\(n\)", "quantile_disc(n, 0.5)"),
        (r"stddev_samp\(x\)", "stddev_pop(x)"),
        (r"avg\(n\)", "CAST(avg(n) AS BIGINT)"),
        (r"n // 7", "CAST(floor(n / 7) AS BIGINT)"),
        (r"n % 7", "(n % 7 + 7) % 7"),
        (r"greatest\(n, k\)", "CASE WHEN n > k THEN n ELSE k END"),
        (r"count\(DISTINCT s\)", "count(DISTINCT coalesce(s, ''))"),
        (r"FILTER \(WHERE s IS NOT NULL\)", ""),
        (r"(list_sort\(list\(s\) FILTER \(.*?\)\))", r"coalesce(\1, [])"),
        (r"list_sort\(tags\)", "list_sort(tags, 'ASC', 'NULLS FIRST')"),
        (r"tags\[3\]", "tags[2]"),
        (r"NULLS LAST", "NULLS FIRST"),
        (r"ORDER BY s DESC NULLS FIRST", "ORDER BY s DESC NULLS LAST"),
        (r"rank\(\) OVER", "row_number() OVER"),
        (r"last_value\(s\)", "last_value(s IGNORE NULLS)"),
        (r"count\(\*\) OVER with_ties", "count(*) OVER (PARTITION BY g ORDER BY k DESC, id)"),
        (r"UNION SELECT", "UNION ALL SELECT"),
        (r"LEFT JOIN", "JOIN"),
        (r"IS NOT DISTINCT FROM b\.k", "= b.k"),
        (r"u\.place", "u.place - 1"),
        (r"grouping\(g\)", "CASE WHEN g IS NULL THEN 1 ELSE 0 END"),
    ],
)
def test_a_planted_difference_is_found(right: str, wrong: str) -> None:
    """Another meaning of a word or function shows in its probes: the rows are nasty enough."""
    engine = duckdb_engine()
    engine.register("nasty", nasty())
    planted = [
        (each, re.sub(right, wrong, each)) for each in all_probes() if re.search(right, each)
    ]

    assert any(
        differing_rows(probe, engine.fetch_arrow(probe), engine.fetch_arrow(changed))
        for probe, changed in planted
    )
