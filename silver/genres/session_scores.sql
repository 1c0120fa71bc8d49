-- Each artist's genre as the other artists of its sessions suggest it. One row per artist that was
-- ever heard beside one of known genre: genre (its own, null where unknown), guess (of tied genres
-- the first by name), weight (millionths of a session that speak for the guess) and sessions. In a
-- session every other artist of known genre has one vote, and all their votes together weigh 1; an
-- artist's own genre is never used in its guess. A session of n artists makes n times the number of
-- its genres rows, not n² pairs.
WITH votes AS (
    SELECT session_id, genre, count(*) AS votes
    FROM session_artists
    WHERE genre IS NOT NULL
    GROUP BY session_id, genre
), ballots AS (
    SELECT
        session_id, genre, votes,
        CAST(sum(votes) OVER (PARTITION BY session_id) AS BIGINT) AS all_votes
    FROM votes
), of_others AS (
    SELECT
        a.artist_key,
        b.genre AS guess,
        b.votes - CASE WHEN a.genre = b.genre THEN 1 ELSE 0 END AS votes,
        b.all_votes - CASE WHEN a.genre IS NOT NULL THEN 1 ELSE 0 END AS all_votes
    FROM session_artists AS a
    JOIN ballots AS b ON b.session_id = a.session_id
), weighed AS (
    SELECT artist_key, guess, total(whole(votes * 1000000 / all_votes)) AS weight
    FROM of_others
    WHERE votes > 0
    GROUP BY artist_key, guess
), ranked AS (
    SELECT
        artist_key, guess, weight,
        row_number() OVER (PARTITION BY artist_key ORDER BY weight DESC, guess) AS place
    FROM weighed
), guessed AS (
    SELECT
        artist_key,
        max(CASE WHEN place = 1 THEN guess END) AS guess,
        max(weight) AS weight,
        -- The votes of each session weigh 1, so that their sum is the number of sessions.
        whole(total(weight) / 1000000) AS sessions
    FROM ranked
    GROUP BY artist_key
)
SELECT g.artist_key, k.genre, g.guess, g.weight, g.sessions
FROM guessed AS g
LEFT JOIN known_genres AS k ON k.artist_key = g.artist_key
