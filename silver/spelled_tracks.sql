-- The recording of each spelling of artist and title that has a title: what a record is joined with
-- to find its recording, as with the model spelled.
SELECT s.artist_by, s.track_name, t.track_key, t.track_number
FROM spelled AS s
JOIN silver.track_names AS n ON n.name_key = s.by_name
JOIN track_numbers AS t ON t.track_key = n.track_key
