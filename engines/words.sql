-- Words (macros) that the engines define differently; spark_words.sql has Apache Spark's. A call of
-- a word is replaced by its body, so it costs nothing when a model runs.

-- Numbers. The nearest whole number, of two the even one.
CREATE MACRO half_even(x) AS round_even(x, 0);
-- Rounded to n decimals, halves away from zero.
CREATE MACRO decimals(x, n) AS round(CAST(x AS DOUBLE), n);
CREATE MACRO whole(x) AS CAST(half_even(x) AS BIGINT);
-- A fraction in whole millionths: their sum is the same in any order.
CREATE MACRO millionths(x) AS whole(x * 1000000);
CREATE MACRO total(x) AS CAST(sum(x) AS BIGINT);
CREATE MACRO count_true(is_so) AS count(CASE WHEN is_so THEN 1 END);

-- Instants and dates.
CREATE MACRO millis(instant) AS epoch_ms(instant);
CREATE MACRO micros(instant) AS epoch_us(instant);
-- The local time in the zone at the instant.
CREATE MACRO wall_time(instant, zone) AS timezone(zone, instant);
-- 1 Monday to 7 Sunday.
CREATE MACRO weekday_of(day) AS isodow(day);
CREATE MACRO year_month(instant) AS strftime(instant, '%Y-%m');
CREATE MACRO days_between(first_day, last_day) AS date_diff('day', first_day, last_day);
-- Days since 1970-01-01.
CREATE MACRO day_number(day) AS CAST(date_diff('day', DATE '1970-01-01', day) AS BIGINT);

-- Lists and texts.
CREATE MACRO list_size(list) AS CAST(len(list) AS BIGINT);
-- The values of a JSON array of texts at a path, null where there is none.
CREATE MACRO json_texts(json, path) AS from_json(json_extract(json, path), '["VARCHAR"]');

-- Names: see engines.python_words.
CREATE MACRO joined_key(artist_key, title_key) AS
    CASE WHEN title_key <> '' THEN concat(coalesce(artist_key, ''), '|', title_key) END;
CREATE MACRO name_key(artist, title) AS joined_key(normalised(artist), normalised(title));
CREATE MACRO genre_key(genre) AS translate(normalised(genre), '-', ' ');
