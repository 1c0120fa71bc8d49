-- The key of every artist and show that records name: one row a spelling. A name is normalised once
-- a spelling and not once a play; null for a name of white space.
SELECT artist_name, nullif(normalised(artist_name), '') AS artist_key
FROM (
    SELECT DISTINCT artist_name
    FROM bronze.listening_history_bronze
    WHERE artist_name IS NOT NULL
) AS written
