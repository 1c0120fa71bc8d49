-- The first play of each person and track, excluded ones left out: of those that ended at the same
-- instant the least id.
WITH track AS (
    SELECT person_track, min(ended) AS ended
    FROM plays
    WHERE NOT is_excluded
    GROUP BY person_track
)
SELECT p.user_id, min(p.play_id) AS play_id
FROM plays AS p
JOIN track AS t ON t.person_track = p.person_track AND t.ended = p.ended
WHERE NOT p.is_excluded
GROUP BY p.user_id, p.person_track
