-- The words of words.sql that Apache Spark defines differently, in its own dialect.
CREATE MACRO half_even(x) AS rint(x);
CREATE MACRO decimals(x, n) AS (round(CAST(x AS DOUBLE) * power(10D, n), 0) / power(10D, n));
CREATE MACRO millis(instant) AS (unix_micros(instant) DIV 1000);
CREATE MACRO micros(instant) AS unix_micros(instant);
CREATE MACRO wall_time(instant, zone) AS from_utc_timestamp(instant, zone);
CREATE MACRO weekday_of(day) AS (weekday(day) + 1);
CREATE MACRO year_month(instant) AS date_format(instant, 'yyyy-MM');
CREATE MACRO days_between(first_day, last_day) AS CAST(datediff(last_day, first_day) AS BIGINT);
CREATE MACRO day_number(day) AS CAST(unix_date(day) AS BIGINT);
CREATE MACRO list_size(list) AS CAST(size(list) AS BIGINT);
CREATE MACRO json_texts(json, path) AS from_json(get_json_object(json, path), 'array<string>');
CREATE MACRO person_group(user_id) AS CAST(crc32(CAST(user_id AS BINARY)) % 64 AS INT);
