-- The rejected rows of the catalogue that are not recorded yet, each once, with its reason.
WITH rejected AS (
    SELECT DISTINCT
        md5(concat_ws('|', $source_file, reject_reason, record)) AS rejected_id,
        user_id, reject_reason, record
    FROM staging.catalogue_rows
    WHERE reject_reason IS NOT NULL
)
SELECT
    r.rejected_id,
    r.user_id,
    $source_file AS source_file,
    CAST(NULL AS BIGINT) AS position,
    r.reject_reason AS reason,
    r.record,
    $run_id AS run_id,
    CAST($now AS TIMESTAMPTZ) AS rejected_at
FROM rejected AS r
LEFT JOIN ops.rejected_records AS k ON k.rejected_id = r.rejected_id
WHERE k.rejected_id IS NULL
