"""Update ``ops.play_gaps`` after files were read: gaps that they close, files that are missing."""

from incremental.lake import Lake
from ingestion.missing_files import missing_files
from ingestion.play_gaps import Gap, gaps_closed
from schemas.ops_schemas import PLAY_GAPS
from schemas.play_sources import EXTENDED


def note_gaps(lake: Lake, *, has_new_files: bool) -> list[tuple[str, Gap]]:
    """Close the gaps that files now cover; record and return gaps due to missing files.

    Only gaps that were not known before are returned, with the person. Files can be missing only
    once some were read.
    """
    closed = gaps_closed(lake.data_dir)
    new: list[tuple[str, Gap]] = []
    rows = lake.rows(PLAY_GAPS) if closed or has_new_files else []
    if has_new_files:
        missing = missing_files(lake.data_dir)
        found = {(user_id, gap.gap_id): gap for user_id, gaps in missing.items() for gap in gaps}
        of_files = {
            (row["user_id"], row["gap_id"]): row["closed_at"]
            for row in rows
            if row["kind"] == "missing_file"
        }
        closed |= {
            key: EXTENDED.name
            for key, closed_at in of_files.items()
            if closed_at is None and key not in found
        }
        new = [(key[0], gap) for key, gap in found.items() if key not in of_files]
    if not closed and not new:
        return []
    for row in rows:
        source = closed.get((row["user_id"], row["gap_id"]))
        if source is not None:
            row |= {"closed_at": lake.now, "closed_by": source}
    new_rows = [gap.row(user_id, lake.run_id, lake.now) for user_id, gap in new]
    if closed:
        lake.replace_rows(PLAY_GAPS, rows + new_rows, PLAY_GAPS.full_name)
    else:
        lake.append_rows(PLAY_GAPS, new_rows, PLAY_GAPS.full_name)
    return new


def missing_in_words(user_id: str, gap: Gap) -> str:
    """Return in one line which plays may be missing with a file, and what to do."""
    until = f"{gap.lost_until:%Y-%m-%d}"
    when = f"before {until}" if gap.lost_from is None else f"{gap.lost_from:%Y-%m-%d} to {until}"
    which = f" ({gap.missing_files})" if gap.missing_files else ""
    return (
        f"{user_id}: a file of the extended streaming history seems to be missing{which}: plays of "
        f"{when} may not be in the lake; put it into the exports folder beside the others, or ask "
        "Spotify for a new export"
    )
