-- The recording of each spelling of artist and title: what a record is joined with to find its
-- recording, as with the model spelled. Null where the spelling names none.
SELECT s.artist_by, s.track_name, s.is_untitled, t.track_key, t.track_number
FROM spelled AS s
LEFT JOIN silver.track_names AS n ON n.name_key = s.by_name
LEFT JOIN track_numbers AS t ON t.track_key = n.track_key
