-- The first play of each person and track: of those that ended at the same instant the least id.
WITH track AS (
    SELECT person_track, min(ended) AS ended
    FROM plays
    GROUP BY person_track
)
SELECT p.user_id, min(p.play_id) AS play_id
FROM plays AS p
JOIN track AS t ON t.person_track = p.person_track AND t.ended = p.ended
GROUP BY p.user_id, p.person_track
