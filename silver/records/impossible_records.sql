-- Records that are not plays: duplicates under another platform, and plays during which
-- the same track was still playing. They stay in bronze and are named in ops.rejected_records.
-- kept_id is the record of the play that stays.
SELECT user_id, record_id, kept_id, 'copy' AS kind
FROM copied_records
UNION ALL
SELECT user_id, record_id, kept_id, 'overlap' AS kind
FROM overlapped_records
