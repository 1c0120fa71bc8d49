-- The recording of each track_id that a record without a title had: what such a record is joined
-- with to find its recording. There are few.
SELECT replace(n.name_key, 'id:', '') AS track_id, t.track_key, t.track_number
FROM silver.track_names AS n
JOIN track_numbers AS t ON t.track_key = n.track_key
WHERE starts_with(n.name_key, 'id:')
