-- covered_spans as numbers of days since 1970-01-01, for models in Python.
SELECT user_id, day_number(first_date) AS first_day, day_number(last_date) AS last_day
FROM covered_spans
