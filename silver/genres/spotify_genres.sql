-- The genres that Spotify states for an artist, where it still does: with a person's top artists.
-- One row per artist, its genres in Spotify's order, with dashes for spaces, as the catalogue
-- writes them. Of several answers that state genres the newest counts.
WITH answer AS (
    SELECT
        user_id, term, item_id, item_name, last_seen, json_texts(item, '$.genres') AS genres
    FROM bronze.top_items_bronze
    WHERE kind = 'artists'
), stated AS (
    SELECT a.user_id, a.term, a.item_id, a.item_name, a.last_seen, g.stated_genre, g.place
    FROM answer AS a
    CROSS JOIN unnest(a.genres) WITH ORDINALITY AS g(stated_genre, place)
), artist_spelling AS (
    SELECT item_name, normalised(item_name) AS artist_key
    FROM (SELECT DISTINCT item_name FROM stated) AS written
), genre_spelling AS (
    SELECT stated_genre, translate(normalised(stated_genre), ' ', '-') AS genre
    FROM (SELECT DISTINCT stated_genre FROM stated) AS written
), listed AS (
    SELECT s.user_id, s.term, s.item_id, a.artist_key, s.last_seen, g.genre, min(s.place) AS place
    FROM stated AS s
    JOIN artist_spelling AS a ON a.item_name = s.item_name
    JOIN genre_spelling AS g ON g.stated_genre = s.stated_genre
    WHERE a.artist_key <> '' AND g.genre <> ''
    GROUP BY s.user_id, s.term, s.item_id, a.artist_key, s.last_seen, g.genre
), in_order AS (
    SELECT
        user_id, term, item_id, artist_key, last_seen,
        list_sort(list({'place': place, 'genre': genre}) FILTER (WHERE genre IS NOT NULL))
            AS places
    FROM listed
    GROUP BY user_id, term, item_id, artist_key, last_seen
), answered AS (
    SELECT artist_key, last_seen, list_transform(places, lambda each: each.genre) AS genres
    FROM in_order
), ranked AS (
    SELECT
        artist_key, genres,
        row_number() OVER (PARTITION BY artist_key ORDER BY last_seen DESC, genres DESC) AS place
    FROM answered
)
SELECT artist_key, genres
FROM ranked
WHERE place = 1
