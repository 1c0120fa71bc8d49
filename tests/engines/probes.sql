-- Every allowed function and form, a probe a line: expressions over the rows of nasty (probes.py),
-- in one query for each section, then queries of their own.

-- EACH ROW: by id
-- Numbers.
abs(n)
abs(x)
CAST(ceil(x) AS BIGINT)
CAST(floor(x) AS BIGINT)
sqrt(abs(x))
ln(greatest(abs(x), 1e-3))
exp(least(x, 3e0))
power(x, 2)
power(2, least(k, 20))
sin(x)
cos(x)
atan2(x, y)
pi()
greatest(n, k)
least(n, k)
greatest(x, y, 0e0)
least(d, DATE '2024-01-01')
greatest(s, t)
n + k
n - k
n * k
-n
-x
n / nullif(k, 0)
x / nullif(y, 0e0)
n / 7
n // nullif(k, 0)
n // 7
-n // 2
n % nullif(k, 0)
n % 7
-n % 3
n & 6
k & 1
1 << least(abs(k), 23)
half_even(x)
half_even(x * 10)
decimals(x, 0)
decimals(x, 2)
decimals(x, 6)
decimals(n / 7, 1)
whole(x)
whole(-x)
millionths(x)
0.1e0 + 0.2e0
1.5e0 * n
CAST(n AS DOUBLE)
CAST(n AS VARCHAR)
CAST(k AS BIGINT)
CAST(n AS INTEGER)
CAST(b AS INTEGER)
CAST(NULL AS DOUBLE)
(n + 1) * 2
-- Nulls, truths, comparisons.
coalesce(n, k, 0)
coalesce(s, t)
nullif(n, 2)
nullif(s, '')
b AND c
b OR c
NOT b
n IS NULL
n IS NOT NULL
coalesce(b, false)
b IS NOT DISTINCT FROM c
n IS DISTINCT FROM k
n = k
n <> k
n < k
n <= k
x > y
x >= y
s = t
s < t
s > 'Z'
d < DATE '2024-02-29'
n BETWEEN -1 AND 5
n IN (1, 2, 7)
n IN (7, NULL)
s IN ('a', '')
n NOT IN (1, 2)
ts >= CAST('2024-01-01 00:00:00+00' AS TIMESTAMPTZ)
CASE WHEN n > 1 THEN 'more' WHEN n = 1 THEN 'one' END
CASE k WHEN 2 THEN 'two' ELSE 'other' END
CASE WHEN b THEN n ELSE x END
true
NULL IS NULL
-- Texts.
concat(s, '|', t)
concat(s, s)
concat_ws('|', s, t, 'x')
s || t
'id:' || s
lpad(CAST(abs(k) AS VARCHAR), 2, '0')
rpad('x', 3, '-')
replace(s, ';', ', ')
replace(s, 'a', '')
translate(s, 'a-I🎧', 'b c')
starts_with(s, 'id:')
starts_with(s, t)
string_split(s, ';')
string_split(s, '.')
string_split(s, '\Q')
md5(s)
regexp_replace(s, '[^a-z]+', '_', 'g')
regexp_replace(s, '[;|]', ' / ', 'g')
normalised(s)
work_title(s)
name_key(s, t)
joined_key(s, t)
joined_key(normalised(s), normalised(t))
genre_key(s)
hash_uniforms(s, 'purpose')
hash_uniforms(s, t)[16]
person_group(s)
-- Dates and instants.
year(d)
month(d)
day(d)
last_day(d)
make_date(year(d), month(d), 1)
make_date(2024, 2, 29)
CAST(date_trunc('month', d) AS DATE)
CAST(date_trunc('week', d) AS DATE)
CAST(date_trunc('year', d) AS DATE)
CAST(date_trunc('month', CAST(ts AS DATE)) AS DATE)
d + 1
d - 7
d + CAST(k AS INTEGER) % 100
weekday_of(d)
year_month(d)
year_month(ts)
days_between(d, DATE '2024-03-01')
days_between(DATE '1969-01-01', d)
day_number(d)
CAST('2024-02-29' AS DATE)
CAST(d AS VARCHAR)
CASE WHEN d IS NOT NULL THEN CAST(concat(year_month(d), '-01') AS DATE) END
millis(ts)
micros(ts)
millis(ts) // 1000
-- Lists and structs.
[n, k, 1]
CAST([] AS VARCHAR[])
['id:' || s, t]
list_concat(['x'], coalesce(tags, ['y']))
list_filter(tags, lambda each: each <> 'x')
list_filter([s, t], lambda each: each IS NOT NULL)
list_filter([''], lambda each: each <> '')
list_sort(tags)
list_sort([n, k, 3])
list_sort([x, y])
list_transform(tags, lambda each: concat(each, '!'))
list_transform([n, k], lambda each: each * 2)
list_transform(list_sort([{'p': coalesce(k, 0), 'q': coalesce(s, '')}, {'p': 2, 'q': 'é'}]), lambda each: each.q)
tags[1]
tags[3]
string_split(s, ';')[2]
list_size(tags)
list_size(string_split(s, ';'))
{'p': n, 'q': s}.q
json_texts(json, '$.genres')

-- EACH ZONE: by id, with each of several zones for {zone}
CAST(wall_time(ts, '{zone}') AS DATE)
hour(wall_time(ts, '{zone}'))
minute(wall_time(ts, '{zone}'))
weekday_of(CAST(wall_time(ts, '{zone}') AS DATE))
year_month(wall_time(ts, '{zone}'))
(micros(wall_time(ts, '{zone}')) - micros(ts)) // 60000000

-- GROUPS: by g
count(*)
count(s)
count(DISTINCT s)
count(DISTINCT n)
CAST(sum(x) AS DOUBLE)
total(n)
total(k)
total(CASE WHEN b THEN n END)
count_true(b)
count_true(n > 1)
min(n)
max(n)
min(s)
max(s)
min(d)
max(ts)
min(x)
max(b)
avg(n)
avg(x)
median(n)
median(x)
stddev_samp(x)
bool_or(b)
bool_and(b)
bit_or(k)
bit_or(1 << least(abs(k), 23))
arg_min(s, id) FILTER (WHERE s IS NOT NULL)
arg_max(s, id) FILTER (WHERE s IS NOT NULL)
arg_min(n, id) FILTER (WHERE n IS NOT NULL AND b)
min(n) FILTER (WHERE b)
count(*) FILTER (WHERE n > 1)
CAST(sum(x) FILTER (WHERE c) AS DOUBLE)
max(s) FILTER (WHERE n > 1000000)
list_sort(list(s) FILTER (WHERE s IS NOT NULL))
list_sort(list(n) FILTER (WHERE n > 2000000))
list_transform(list_sort(list({'place': id % 3, 'key': s}) FILTER (WHERE s IS NOT NULL)), lambda each: each.key)
decimals(total(n) / nullif(count(*), 0), 2)
whole(CAST(sum(x) AS DOUBLE))
total(millionths(x))
coalesce(total(n), 0)
greatest(max(n), max(k))

-- WINDOWS: by id
row_number() OVER by_group
row_number() OVER by_text
rank() OVER with_ties
dense_rank() OVER with_ties
row_number() OVER (ORDER BY x DESC NULLS LAST, id)
row_number() OVER (ORDER BY s DESC NULLS FIRST, id)
row_number() OVER (ORDER BY list_filter(tags, lambda each: each IS NOT NULL), id)
row_number() OVER (ORDER BY b, d, ts, id)
lag(n) OVER by_group
lag(s, 2) OVER by_group
lead(d) OVER by_group
lead(n, 1, 0) OVER by_group
first_value(s) OVER by_group
last_value(s) OVER by_group
first_value(s) OVER by_text
CAST(sum(x) OVER by_group AS DOUBLE)
count(*) OVER with_ties
count(*) OVER (PARTITION BY g)
max(n) OVER (PARTITION BY g)
min(s) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)
max(n) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
CAST(sum(n) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT)
bool_or(b) OVER (PARTITION BY g)
avg(x) OVER (PARTITION BY g)
count(s) OVER (PARTITION BY g, b)

-- QUERIES
SELECT id, s FROM nasty ORDER BY s, id LIMIT 7
SELECT id, n FROM nasty ORDER BY n DESC, id LIMIT 5
SELECT DISTINCT g, b FROM nasty
SELECT g, count(*) AS m FROM nasty GROUP BY g HAVING count(*) > 1
SELECT total(n) AS a, count(*) AS m, max(s) AS v, count_true(b) AS w, list_sort(list(s) FILTER (WHERE s IS NOT NULL)) AS l FROM nasty WHERE id < 0
SELECT g, total(n) AS a FROM nasty WHERE id < 0 GROUP BY g
SELECT g, b, grouping(g) AS no_g, grouping(b) AS no_b, count(*) AS m, total(n) AS a, min(s) AS v FROM nasty GROUP BY GROUPING SETS ((g, b), (g), (b), ())
SELECT s AS v FROM nasty UNION SELECT t FROM nasty
SELECT n AS v FROM nasty UNION ALL SELECT k FROM nasty
SELECT n AS v, x AS w FROM nasty UNION ALL SELECT CAST(NULL AS BIGINT), y FROM nasty
WITH named AS (SELECT * FROM nasty WHERE s IS NOT NULL), more AS (SELECT a.*, a.n AS m FROM named AS a) SELECT id, s, m FROM more
SELECT a.id, b.id AS other FROM nasty AS a JOIN nasty AS b ON a.s = b.t
SELECT a.id, b.id AS other FROM nasty AS a JOIN nasty AS b ON a.n IS NOT DISTINCT FROM b.k AND a.g = 'a' AND b.g = 'b'
SELECT a.id, b.id AS other, b.s FROM nasty AS a LEFT JOIN nasty AS b ON a.d = b.d AND b.id < 20 AND a.n > 1
SELECT a.id, b.id AS other FROM nasty AS a FULL JOIN (SELECT id, s FROM nasty WHERE id > 90) AS b ON a.s = b.s AND a.id < 30
SELECT a.id FROM nasty AS a ANTI JOIN nasty AS b ON a.s = b.t AND b.b
SELECT a.id FROM nasty AS a SEMI JOIN nasty AS b ON a.s = b.t AND b.b
SELECT a.id, c.m FROM nasty AS a CROSS JOIN (SELECT max(n) AS m FROM nasty) AS c
SELECT a.id, u.tag FROM nasty AS a CROSS JOIN unnest(a.tags) AS u(tag)
SELECT a.id, u.tag, u.place FROM nasty AS a CROSS JOIN unnest(a.tags) WITH ORDINALITY AS u(tag, place)
SELECT id, unnest(tags) AS tag FROM nasty
SELECT id, n AS k, k * 2 AS v FROM nasty
SELECT id, n + 1 AS m, m * 2 AS v FROM nasty
SELECT year_month(ts) AS v, count(*) AS m FROM nasty GROUP BY year_month(ts)
