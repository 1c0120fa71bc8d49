"""Models in Spark's dialect: what the translation adds to sqlglot's."""

import pytest
import sqlglot
from sqlglot import exp

from engines import models
from engines.models import SqlModel
from engines.portability import all_words
from engines.translation import python_words_of_spark, spark_sql, view_name

SQL_MODELS = sorted(each for each in models.files() if isinstance(models.model(each), SqlModel))


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        # Tables are views, and keep the name by which columns are qualified.
        ("SELECT tracks.n FROM silver.tracks", "SELECT tracks.n FROM silver__tracks AS tracks"),
        ("SELECT t.n FROM silver.tracks AS t", "SELECT t.n FROM silver__tracks AS t"),
        ("SELECT n FROM plays", "SELECT n FROM plays"),
        # Words stand for expressions; an argument keeps its own order of operations.
        ("SELECT half_even(n + 1)", "SELECT RINT((n + 1))"),
        ("SELECT 2 * weekday_of(d)", "SELECT 2 * (WEEKDAY(d) + 1)"),
        ("SELECT whole(n / 2)", "SELECT CAST(RINT((n / 2)) AS BIGINT)"),
        ("SELECT wall_time(max(at), 'UTC')",
         "SELECT FROM_UTC_TIMESTAMP(CAST(MAX(at) AS TIMESTAMP), 'UTC')"),
        ("SELECT name_key(a, b)", "SELECT CASE WHEN NORMALISED(b) <> '' THEN CONCAT("
         "COALESCE(COALESCE(NORMALISED(a), ''), ''), '|', COALESCE(NORMALISED(b), '')) END"),
        # Lists: places from 1, null beyond the end and of no rows.
        ("SELECT l[2]", "SELECT TRY_ELEMENT_AT(l, 2)"),
        ("SELECT list_sort(list(s) FILTER (WHERE s <> ''))",
         "SELECT NULLIF(ARRAY_SORT(COLLECT_LIST(s) FILTER(WHERE s <> '')), ARRAY())"),
        ("SELECT u.v, u.p FROM t CROSS JOIN unnest(t.l) WITH ORDINALITY AS u(v, p)",
         "SELECT u.v, (u.p + 1) AS p FROM t LATERAL VIEW POSEXPLODE(t.l) u AS p, v"),
        # Spark places nulls otherwise unless it is told.
        ("SELECT row_number() OVER (ORDER BY a, b DESC)",
         "SELECT ROW_NUMBER() OVER (ORDER BY a NULLS LAST, b DESC)"),
        ("SELECT row_number() OVER (ORDER BY a NULLS FIRST, b DESC NULLS FIRST)",
         "SELECT ROW_NUMBER() OVER (ORDER BY a, b DESC NULLS FIRST)"),
        ("SELECT lead(n) OVER w - n FROM t WINDOW w AS (ORDER BY n)",
         "SELECT (LEAD(n) OVER w) - n FROM t WINDOW w AS (ORDER BY n NULLS LAST)"),
        ("-- A comment.\nSELECT 1 -- more", "SELECT 1"),
    ],
)  # fmt: skip
def test_a_query_in_sparks_dialect(duckdb: str, spark: str) -> None:
    assert spark_sql(duckdb) == spark


def test_a_table_and_a_model_of_one_name_have_views_of_their_own() -> None:
    assert view_name("silver.tracks") != view_name("tracks")


@pytest.mark.parametrize("name", SQL_MODELS)
def test_every_model_has_a_translation_without_words(name: str) -> None:
    model = models.sql_model(name)

    tree = sqlglot.parse_one(spark_sql(models._PARAMETER.sub("NULL", model.sql)), read="spark")

    called = {each.name.lower() for each in tree.find_all(exp.Anonymous)}
    assert called & all_words() <= set(python_words_of_spark())


def test_what_sqlglot_cannot_say_in_sparks_dialect_is_an_error() -> None:
    with pytest.raises(sqlglot.errors.SqlglotError):
        spark_sql("SELECT FROM WHERE")
