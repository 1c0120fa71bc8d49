"""Models use only what means the same on both engines; everything else is refused with a reason."""

import pytest

from engines import models
from engines.models import SqlModel
from engines.portability import FORMS, FUNCTIONS, problems

SQL_MODELS = sorted(each for each in models.files() if isinstance(models.model(each), SqlModel))


@pytest.mark.parametrize("name", SQL_MODELS)
def test_a_model_uses_only_what_both_engines_say_alike(name: str) -> None:
    path = models.files()[name].relative_to(models.PROJECT)

    found = problems(models.sql_model(name).sql)

    assert not found, "\n".join(f"{path}, {each}" for each in found)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("isodow(d)", "weekday_of"),
        ("dayofweek(d)", "weekday_of"),
        ("date_part('dow', d)", "weekday_of"),
        ("extract(dow FROM d)", "weekday_of"),
        ("ts AT TIME ZONE 'Europe/Berlin'", "wall_time"),
        ("timezone('Europe/Berlin', ts)", "wall_time"),
        ("date_diff('day', d, e)", "days_between"),
        ("round(x, 2)", "decimals"),
        ("lower(s)", "normalised"),
        ("upper(s)", "normalised"),
        ("regexp_replace(s, ' +', ' ')", "'g'"),
        ("percentile_cont(0.5e0) WITHIN GROUP (ORDER BY x)", "median"),
        ("quantile_cont(x, 0.5e0)", "median"),
        ("list_sort(list(x ORDER BY y) FILTER (WHERE x > 0))", "order is dropped"),
        ("list(x)", "FILTER"),
        ("list_sort(list(x))", "FILTER"),
        ("list(x) FILTER (WHERE x IS NOT NULL)", "list_sort"),
        ("string_agg(s, ',')", "list_sort"),
        ("arg_min(x, y)", "FILTER"),
        ("arg_max(x, y)", "FILTER"),
        ("min({'p': x, 'q': y})", "row_number"),
        ("printf('%d', n)", "concat"),
        ("format('{}', n)", "concat"),
        ("hash(s)", "md5"),
        ("mode(x)", "row_number"),
        ("epoch_ms(ts)", "millis"),
        ("len(tags)", "list_size"),
        ("strftime(d, '%Y')", "year_month"),
        ("any_value(x)", "min or max"),
        ("first(x)", "row_number"),
        ("list_contains(tags, 'a')", "null instead of false"),
        ("try_cast(s AS INTEGER)", "not shown"),
        ("CAST(x AS DECIMAL(10, 2))", "CAST AS DECIMAL"),
        ("CAST(a / b AS VARCHAR)", "text of a double"),
        ("CAST(x * 0.5e0 AS BIGINT)", "whole"),
        ("CAST(sum(a) / count(*) AS INTEGER)", "whole"),
        ("0.40", "write 0.40e0"),
        ("x > .5", "write 0.5e0"),
        ("d + INTERVAL 1 DAY", "date + days"),
        ("date_trunc('month', d)", "CAST"),
        ("floor(x)", "CAST"),
        ("sum(x)", "CAST"),
        ("sum(x) OVER (PARTITION BY y)", "CAST"),
        ("list_distinct(tags)", "DISTINCT"),
        ("tags[n]", "number from 1"),
        ("tags[1:2]", "number from 1"),
        ("count(DISTINCT (a, b))", "not shown"),
        ("total(x) FILTER (WHERE y > 0)", "no FILTER"),
        ("total(x) OVER (PARTITION BY y)", "no OVER"),
        ("max(x) OVER (ORDER BY y RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)", "ROWS only"),
        ("strip_accents(s)", "not shown"),
        ("COLUMNS('a.*')", "name the columns"),
        ("list_sort(tags, 'DESC')", "ascending"),
    ],
)
def test_what_differs_is_refused_with_the_reason(expression: str, reason: str) -> None:
    found = problems(f"SELECT {expression} AS it FROM t")

    assert any(reason in each for each in found), found


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "WHERE"),
        ("SELECT * FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "WHERE"),
        ("SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b", "row_number"),
        ("SELECT t.a FROM t ASOF JOIN u ON t.a = u.a AND t.at >= u.at", "not one of"),
        ("SELECT t.a FROM t NATURAL JOIN u", "not one of"),
        ("SELECT t.a FROM t JOIN u USING (a)", "write ON"),
        ("SELECT t.a FROM t, u", "CROSS JOIN"),
        ("SELECT v FROM t LEFT JOIN unnest(t.tags) AS u(v) ON true", "CROSS JOIN unnest"),
        ("SELECT u.unnest FROM t CROSS JOIN unnest(t.tags) AS u", "name the columns"),
        ("SELECT v FROM t CROSS JOIN unnest(t.tags) WITH ORDINALITY AS u(v)", "name the place"),
        ("SELECT unnest(a) AS a, unnest(b) AS b FROM t", "one unnest"),
        ("SELECT * EXCLUDE (a) FROM t", "name the columns"),
        ("SELECT * REPLACE (a + 1 AS a) FROM t", "name the columns"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n) SELECT n FROM r", "RECURSIVE"),
        ("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)", "not shown"),
        ("SELECT a, FROM t WHERE", "cannot read"),
    ],
)
def test_forms_that_differ_are_refused_with_the_reason(query: str, reason: str) -> None:
    found = problems(query)

    assert any(reason in each for each in found), found


def test_a_problem_names_its_line() -> None:
    assert problems("SELECT\n    a,\n    lower(b) AS b\nFROM t")[0].startswith("line 3: LOWER(b)")


def test_parameters_and_words_are_no_problem() -> None:
    query = "SELECT total(n) AS n, wall_time(max(ts), $timezone) AS at FROM t WHERE $every OR n > 1"

    assert problems(query) == []


def test_every_entry_says_what_it_is() -> None:
    assert all({**FUNCTIONS, **FORMS}.values())
