"""Ops: the playlists at Spotify that rules keep up to date."""

from schemas.common_columns import USER_ID
from schemas.table import KEPT, LEFT_OUT, PSEUDONYM, Table, column
from schemas.types import BIGINT, BOOLEAN, STRING, TIMESTAMP, array

MAPPING_STATUSES = ("creating", "active", "ended")
SYNC_STATUSES = ("written", "edited", "ended")

_SLUG = column("slug", STRING, "the rule: its file's name", nullable=False, in_export=KEPT)
_URIS = array(STRING)

PLAYLIST_MAPPINGS = Table(
    layer="ops",
    name="playlist_mappings",
    description="The playlist at Spotify that a rule keeps up to date, and what is on it.",
    columns=(
        USER_ID,
        _SLUG,
        column("name", STRING, "name of the playlist when it was mapped", in_export=KEPT),
        column(
            "playlist_id",
            STRING,
            "Spotify id of the playlist; null until it is known to be made",
            in_export=PSEUDONYM,
        ),
        column(
            "status",
            STRING,
            "creating: Spotify was asked to make it, and the answer is missing; active; ended",
            nullable=False,
            in_export=KEPT,
        ),
        column("end_reason", STRING, "why it ended, as text", in_export=LEFT_OUT),
        column(
            "keep_edits",
            BOOLEAN,
            "whether what the person changes on it by hand stays",
            nullable=False,
        ),
        column(
            "snapshot_id",
            STRING,
            "version of the playlist when it was last read",
            in_export=LEFT_OUT,
        ),
        column("item_count", BIGINT, "items on it when it was last read"),
        column("item_uris", _URIS, "items on it, in order, as last read", in_export=LEFT_OUT),
        column(
            "wanted_uris",
            _URIS,
            "what the rule wanted at the last sync, in order",
            in_export=LEFT_OUT,
        ),
        column(
            "pending_uris",
            _URIS,
            "what a sync is writing; null where none was interrupted",
            in_export=LEFT_OUT,
        ),
        column(
            "added_uris",
            _URIS,
            "what the person added by hand and is kept",
            in_export=LEFT_OUT,
        ),
        column(
            "removed_uris",
            _URIS,
            "what the person removed by hand and is kept away",
            in_export=LEFT_OUT,
        ),
        column("is_reordered", BOOLEAN, "whether the person's own order is kept"),
        column("created_at", TIMESTAMP, "when it was mapped, UTC", nullable=False),
        column("last_synced_at", TIMESTAMP, "when a sync last wrote or read it, UTC"),
    ),
    key=("user_id", "slug"),
    checks={
        "status_known": f"status in ({', '.join(repr(each) for each in MAPPING_STATUSES)})",
        "active_has_playlist": "status <> 'active' or playlist_id is not null",
    },
)

PLAYLIST_SYNCS = Table(
    layer="ops",
    name="playlist_syncs",
    description="Every sync of a playlist that changed something; one without news leaves no row.",
    columns=(
        USER_ID,
        _SLUG,
        column("synced_at", TIMESTAMP, "UTC", nullable=False),
        column("playlist_id", STRING, "Spotify id of the playlist", in_export=PSEUDONYM),
        column(
            "status",
            STRING,
            "written, edited (by hand, and nothing to write) or ended (it was deleted at Spotify)",
            nullable=False,
            in_export=KEPT,
        ),
        column("reads", BIGINT, "requests that read", nullable=False),
        column("writes", BIGINT, "requests that wrote", nullable=False),
        column("added", BIGINT, "items that are on it now and were not before", nullable=False),
        column("removed", BIGINT, "items that were on it before and are not now", nullable=False),
        column("item_count", BIGINT, "items on it afterwards, as read back"),
        column("without_id", BIGINT, "wanted tracks without a Spotify id: left out"),
        column("edits_added", BIGINT, "items that the person had added by hand", nullable=False),
        column("edits_removed", BIGINT, "items that they had removed by hand", nullable=False),
        column("edits_reordered", BOOLEAN, "whether they had changed the order by hand"),
        column("keep_edits", BOOLEAN, "whether these edits were kept"),
        column("snapshot_before", STRING, "version of the playlist before", in_export=LEFT_OUT),
        column("snapshot_after", STRING, "version afterwards, as read back", in_export=LEFT_OUT),
    ),
    key=("user_id", "slug", "synced_at"),
    checks={"status_known": f"status in ({', '.join(repr(each) for each in SYNC_STATUSES)})"},
)

TABLES = (PLAYLIST_MAPPINGS, PLAYLIST_SYNCS)
