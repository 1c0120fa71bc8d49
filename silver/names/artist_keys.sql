-- The key of every artist and show in records: one row per spelling. A name is normalised once per
-- spelling, not once per play; null for a blank name.
SELECT artist_name, nullif(normalised(artist_name), '') AS artist_key
FROM (
    SELECT DISTINCT artist_name
    FROM bronze.listening_history_bronze
    WHERE artist_name IS NOT NULL
) AS written
