"""Made-up listening of many people over eight years, as the zip files that Spotify would send.

    python -m tests.simulated.plays --people 10 --plays 100000 --folder FOLDER

Writes ``FOLDER/exports/<person>/*.zip`` and ``FOLDER/kaggle/dataset.csv``: a data folder to run on.
Every person has the extended history of all their plays, and account data that tell of the last
fifth of them again. A play is a hash of its person, its number and the seed, so any part of the
listening can be written alone, and a person's later plays follow their earlier ones.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from tests.simulated.tracks import NEW_TRACKS, TRACKS, make_tracks, write_catalogue

SEED = 20240607
RECORDS_A_FILE = 16_000
ACCOUNT_SHARE = 5
"""One play in so many is in the account data too."""

_PLAYS = """
WITH numbered AS (
    SELECT range AS number,
           number % 50 = 7 AND number % 15 > 0 AS is_restart,
           -- a restart is the play before it once more, some seconds later
           number - is_restart::INT AS ordinal,
           {person}::BIGINT * 100000000 + ordinal AS seed,
           ordinal // 15 AS block,
           3 + pick('session', {person}::BIGINT * 1000000 + block, 12) AS cut,
           block + (ordinal % 15 >= cut)::INT AS session
    FROM range({first}, {last})
), timed AS (
    SELECT *,
           session - {plays_in_all} // 15 - 2 AS new_session,
           -- sessions are spread evenly over the eight years, and lean to the evening of their day;
           -- later ones come around the clock, so that 50 plays are those of six hours
           if(new_session >= 0, 2923 + new_session / 14,
              (session + uniform('phase', {person})) * 2920.0 * 15 / {plays_in_all}) AS day,
           if(new_session >= 0, 22 * (day - floor(day)), 7 + 16 * pow(day - floor(day), 0.6))
               AS hour,
           ordinal - 15 * (session - 1) AS position,
           is_restart OR uniform('skip', seed) < 0.2 AS is_short,
           -- Zipf's law within the person's library, which leans to what is best known
           floor(pow({library}, uniform('taste', seed))) AS rank,
           pow(uniform('library', {person}::BIGINT * 1000000 + rank), 1.6) AS obscurity
    FROM numbered
)
SELECT number, is_short,
       TIMESTAMP '2016-01-01'
           + to_seconds((floor(day) * 86400 + hour * 3600 + position * 200)::BIGINT)
           + to_seconds(if(is_restart, 20 + pick('again', seed, 40), pick('pause', seed, 10)))
           AS ended_at,
       if(is_short, 1000 + pick('heard', seed, 29000), 150000 + pick('heard', seed, 40000))
           AS ms_played,
       seed,
       if(number >= {plays_in_all} AND number % 5 = 0,
          {tracks} + number // 5 % {new_tracks}, floor(obscurity * {tracks}))::INT AS track_number
FROM timed
"""

_EXTENDED = """
SELECT strftime(ended_at, '%Y-%m-%dT%H:%M:%SZ') AS ts,
       ['android', 'ios', 'windows', 'web_player'][1 + pick('platform', seed // 40, 4)] AS platform,
       ms_played, 'DE' AS conn_country, '203.0.113.7' AS ip_addr,
       track_name AS master_metadata_track_name,
       artist_name AS master_metadata_album_artist_name,
       album_name AS master_metadata_album_album_name,
       'spotify:track:' || track_id AS spotify_track_uri,
       NULL AS episode_name, NULL AS episode_show_name, NULL AS spotify_episode_uri,
       NULL AS audiobook_title, NULL AS audiobook_uri,
       NULL AS audiobook_chapter_uri, NULL AS audiobook_chapter_title,
       if(is_short, 'fwdbtn', 'trackdone') AS reason_end,
       'trackdone' AS reason_start,
       uniform('shuffle', seed // 15) < 0.3 AS shuffle,
       -- old exports do not say it
       if(ended_at < TIMESTAMP '2019-01-01', NULL, is_short) AS skipped,
       false AS offline, NULL AS offline_timestamp, false AS incognito_mode
FROM ({plays}) JOIN track ON track.number = track_number
ORDER BY ended_at
"""

_ACCOUNT = """
SELECT strftime(ended_at, '%Y-%m-%d %H:%M') AS "endTime", artist_name AS "artistName",
       track_name AS "trackName", ms_played AS "msPlayed"
FROM ({plays}) JOIN track ON track.number = track_number
ORDER BY ended_at
"""
_EXTENDED_NAME = "Spotify Extended Streaming History/Streaming_History_Audio_{}.json"
_ACCOUNT_NAME = "Spotify Account Data/StreamingHistory_music_{}.json"


@dataclass(frozen=True)
class Listening:
    """How many people listen, and how many plays each of them has in the eight years."""

    people: int
    plays_of_one: int

    @classmethod
    def of(cls, people: int, plays: int) -> "Listening":
        """Share ``plays`` in all evenly among ``people``."""
        return cls(people, plays // people)

    def plays(self, person: int, numbers: range) -> str:
        """Return SQL for these plays of a person, numbered from 0 in the order of time.

        Numbers from ``plays_of_one`` on come after the eight years, some 200 a day; every fifth of
        those is of a track that nobody played before.
        """
        return _PLAYS.format(
            person=person,
            first=numbers.start,
            last=numbers.stop,
            plays_in_all=self.plays_of_one,
            library=80 * self.plays_of_one**0.5,
            tracks=TRACKS,
            new_tracks=NEW_TRACKS,
        )

    def write_extended(
        self, connection: duckdb.DuckDBPyConnection, person: int, numbers: range, path: Path
    ) -> None:
        """Write the zip of a person's extended history with these plays."""
        self._write_zip(connection, person, numbers, path, _EXTENDED, _EXTENDED_NAME)

    def write_account(
        self, connection: duckdb.DuckDBPyConnection, person: int, numbers: range, path: Path
    ) -> None:
        """Write the zip of a person's account data with these plays."""
        self._write_zip(connection, person, numbers, path, _ACCOUNT, _ACCOUNT_NAME)

    def _write_zip(
        self,
        connection: duckdb.DuckDBPyConnection,
        person: int,
        numbers: range,
        path: Path,
        records: str,
        member: str,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.NamedTemporaryFile(suffix=".json") as loose,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            for place, part in enumerate(_parts(numbers)):
                query = records.format(plays=self.plays(person, part))
                connection.execute(f"COPY ({query}) TO '{loose.name}' (FORMAT json, ARRAY true)")
                archive.write(loose.name, member.format(place))


def _parts(numbers: range) -> Iterator[range]:
    for first in range(numbers.start, numbers.stop, RECORDS_A_FILE):
        yield range(first, min(first + RECORDS_A_FILE, numbers.stop))


def person_name(person: int) -> str:
    """Return the user id of a person, which is the name of their folder."""
    return f"person-{person:05}"


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection that has the tables and macros of ``tests.simulated.tracks``."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    make_tracks(connection, SEED)
    return connection


def write_everybody(
    connection: duckdb.DuckDBPyConnection, listening: Listening, exports: Path
) -> None:
    """Write everybody's two zips to a folder of their own in ``exports``."""
    everything = range(listening.plays_of_one)
    last_part = everything[-(listening.plays_of_one // ACCOUNT_SHARE) :]

    def write_person(person: int) -> None:
        own = exports / person_name(person)
        cursor = connection.cursor()
        listening.write_extended(cursor, person, everything, own / "my_spotify_data_extended.zip")
        listening.write_account(cursor, person, last_part, own / "my_spotify_data.zip")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write_person, range(listening.people)))


def write_data_folder(listening: Listening, folder: Path) -> None:
    """Write exports and catalogue to where a run finds them in ``folder``."""
    connection = connect()
    write_catalogue(connection, folder / "kaggle" / "dataset.csv")
    write_everybody(connection, listening, folder / "exports")


def main(
    people: Annotated[int, typer.Option(help="how many people listen")],
    plays: Annotated[int, typer.Option(help="plays of all of them together")],
    folder: Annotated[Path, typer.Option(help="data folder to make")],
) -> None:
    """Make exports and a catalogue."""
    write_data_folder(Listening.of(people, plays), folder)


if __name__ == "__main__":
    typer.run(main)
