-- The rejected records of exports that are not recorded yet, each with its place and reason.
WITH rejected AS (
    SELECT
        md5(concat_ws('|', user_id, source_file, CAST(position AS VARCHAR), reject_reason, record))
            AS rejected_id,
        user_id, source_file, position, reject_reason, record
    FROM staging.export_records
    WHERE reject_reason IS NOT NULL
)
SELECT
    r.rejected_id,
    r.user_id,
    r.source_file,
    r.position,
    r.reject_reason AS reason,
    r.record,
    $run_id AS run_id,
    CAST($now AS TIMESTAMPTZ) AS rejected_at
FROM rejected AS r
LEFT JOIN ops.rejected_records AS k ON k.rejected_id = r.rejected_id
WHERE k.rejected_id IS NULL
