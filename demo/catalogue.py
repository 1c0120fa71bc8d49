"""The made-up world of music, and the part of it a public catalogue knows.

The catalogue has the columns of the Kaggle "Spotify Tracks Dataset" (``dataset.csv``) and its
habits: a track stands once per genre, artists are joined by ``;``, a few rows are exact repeats,
one row has no names, a few tracks have tempo 0, numbers have three significant digits. Tracks that
the file does not hold are marked, so that features can be missing in a run and the truth is still
known. A third of the module is the table of genres and the distributions, which is why it is long.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from demo.draws import Draws, Flags, Floats, Integers
from demo.names import artist_names, spotify_ids, titles

KAGGLE_COLUMNS = (
    *("track_id", "artists", "album_name", "track_name", "popularity", "duration_ms", "explicit"),
    *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness"),
    *("instrumentalness", "liveness", "valence", "tempo", "time_signature", "track_genre"),
)
"""The columns of the CSV, after its blank index column."""


class Genre(NamedTuple):
    """What is typical of a genre; the first four in standard units, 0 = an average track."""

    name: str
    energy: float
    danceability: float
    valence: float
    acousticness: float
    instrumental_share: float
    speech: float
    tempo_bpm: float
    length_s: float
    explicit_share: float
    kin: str


GENRES = (
    Genre("acoustic", -0.6, -0.1, -0.1, 0.9, 0.03, 0.0, 115, 215, 0.02, "singer-songwriter"),
    Genre("ambient", -1.6, -1.0, -0.9, 0.6, 0.85, 0.0, 105, 260, 0.00, "chill"),
    Genre("blues", -0.1, 0.0, 0.3, 0.3, 0.06, 0.0, 118, 225, 0.02, "soul"),
    Genre("chill", -0.5, 0.4, -0.3, 0.3, 0.25, 0.1, 108, 180, 0.12, "ambient"),
    Genre("classical", -1.5, -1.0, -0.6, 1.3, 0.75, 0.0, 108, 240, 0.00, "piano"),
    Genre("country", 0.1, 0.1, 0.3, 0.1, 0.01, 0.0, 122, 205, 0.02, "folk"),
    Genre("dance", 0.7, 0.5, 0.2, -0.5, 0.06, 0.2, 122, 195, 0.15, "house"),
    Genre("disco", 0.5, 0.6, 0.9, -0.2, 0.05, 0.0, 117, 255, 0.00, "funk"),
    Genre("electronic", 0.5, 0.4, -0.1, -0.6, 0.40, 0.1, 124, 230, 0.06, "techno"),
    Genre("folk", -0.6, -0.3, -0.1, 0.8, 0.06, 0.0, 118, 215, 0.02, "acoustic"),
    Genre("funk", 0.4, 0.7, 0.8, -0.3, 0.10, 0.2, 110, 245, 0.08, "disco"),
    Genre("hip-hop", 0.2, 0.8, 0.2, -0.2, 0.02, 1.2, 112, 200, 0.55, "r-n-b"),
    Genre("house", 0.6, 0.7, 0.1, -0.7, 0.45, 0.1, 124, 240, 0.05, "dance"),
    Genre("indie", 0.0, 0.0, -0.1, 0.1, 0.06, 0.0, 120, 220, 0.08, "rock"),
    Genre("jazz", -0.8, -0.2, 0.1, 0.9, 0.35, 0.0, 112, 260, 0.00, "blues"),
    Genre("latin", 0.4, 0.8, 0.7, -0.1, 0.01, 0.4, 112, 210, 0.15, "dance"),
    Genre("metal", 1.1, -0.6, -0.5, -1.2, 0.20, 0.3, 125, 265, 0.20, "punk"),
    Genre("piano", -1.4, -0.7, -0.7, 1.4, 0.80, 0.0, 106, 185, 0.00, "classical"),
    Genre("pop", 0.2, 0.4, 0.2, -0.1, 0.01, 0.1, 119, 200, 0.12, "dance"),
    Genre("punk", 1.0, -0.2, 0.3, -1.0, 0.04, 0.2, 135, 170, 0.12, "rock"),
    Genre("r-n-b", -0.1, 0.5, 0.1, 0.1, 0.02, 0.4, 112, 215, 0.30, "soul"),
    Genre("rock", 0.6, -0.1, 0.2, -0.6, 0.05, 0.0, 123, 230, 0.05, "indie"),
    Genre("singer-songwriter", -0.5, -0.1, -0.2, 0.6, 0.02, 0.0, 117, 220, 0.05, "folk"),
    Genre("soul", -0.1, 0.2, 0.4, 0.3, 0.03, 0.1, 113, 220, 0.03, "funk"),
    Genre("synth-pop", 0.5, 0.3, 0.3, -0.5, 0.12, 0.0, 122, 235, 0.03, "electronic"),
    Genre("techno", 0.6, 0.6, -0.3, -0.8, 0.70, 0.1, 128, 280, 0.03, "house"),
    Genre("trip-hop", -0.2, 0.4, -0.1, 0.1, 0.45, 0.3, 104, 235, 0.08, "chill"),
)
_CODES = {genre.name: code for code, genre in enumerate(GENRES)}

_TRACKS_AN_ARTIST = (1.0, 3.0, 6.0, 10.0, 16.0, 28.0)
_ALBUM_SIZES = (1.0, 1.0, 4.0, 9.0, 11.0, 13.0)
_LENGTH_FACTORS = (0.45, 0.72, 0.82, 0.9, 0.96, 1.02, 1.1, 1.2, 1.4, 2.4)
_SKEWED = (0.0, 0.004, 0.01, 0.02, 0.035, 0.06, 0.12, 0.4)
_LIVENESS = (0.02, 0.07, 0.09, 0.1, 0.11, 0.13, 0.19, 0.28, 0.36, 0.95)
_POPULARITY = (0.0, 0.0, 12.0, 22.0, 30.0, 38.0, 47.0, 56.0, 67.0, 92.0)
_TRACE_OF_INSTRUMENTS = (0.0, 0.0, 0.0, 1e-6, 6e-6, 4e-5, 4e-4, 0.006, 0.2)
_INSTRUMENTAL = (0.3, 0.72, 0.84, 0.89, 0.92, 0.97)


def _squash(values: Floats) -> Floats:
    """Map standard units to (0, 1), smoothly and, unlike the logistic, bit for bit everywhere."""
    return 0.5 + 0.5 * values / np.sqrt(1.0 + values * values)


def _features(draws: Draws, artist: Integers, genre: Integers) -> dict[str, Floats | Integers]:
    """Audio features that hang together by genre, by artist and with each other.

    Genre, artist and track share the variance about as in the real catalogue (same-artist R² of
    energy about 0.5, of valence 0.3); energy goes with loudness and against acousticness, valence
    with danceability.
    """
    count = len(artist)
    artists = int(artist.max()) + 1
    typical = np.array([genre[1:9] for genre in GENRES])[genre].T
    typical_energy, typical_dance, typical_valence, typical_acoustic = typical[:4]
    instrumental_share, speech, tempo_bpm, _ = typical[4:]

    def noise(of_artist: float, of_track: float) -> Floats:
        return of_artist * draws.normal(artists)[artist] + of_track * draws.normal(count)

    energy_units = typical_energy + noise(0.35, 0.55)
    dance_noise = noise(0.30, 0.60)
    valence_units = (
        typical_valence + 0.5 * dance_noise + 0.2 * (energy_units - typical_energy)
        + noise(0.30, 0.60)
    )  # fmt: skip
    acoustic_units = typical_acoustic - 0.9 * energy_units + noise(0.30, 0.60)
    energy = np.clip(_squash(0.95 * energy_units + 0.35), 0.002, 0.998)
    played_live = draws.happens(0.06, count)
    is_instrumental = draws.happens(instrumental_share, count)
    instrumentalness = np.where(
        is_instrumental,
        draws.quantiles(_INSTRUMENTAL, count),
        draws.quantiles(_TRACE_OF_INSTRUMENTS, count),
    )
    acoustic_root = _squash(acoustic_units - 0.15)
    speechiness = 0.028 + draws.quantiles(_SKEWED, count) * (0.5 + speech)
    tempo = np.clip(tempo_bpm + 24.0 * draws.normal(count), 52.0, 212.0)
    # Where no beat was found the catalogue has 0 for all that is based on it.
    no_beat = draws.happens(0.0015, count)
    has_beat = np.where(no_beat, 0.0, 1.0)
    return {
        "danceability": _squash(0.55 * (typical_dance + dance_noise) + 0.15) * has_beat,
        "energy": energy,
        "key": draws.below(12, count),
        "loudness": -19.4 + 15.5 * np.sqrt(energy) + noise(0.9, 1.5) - 2.0 * is_instrumental,
        "mode": draws.happens(0.64, count).astype(np.int64),
        "speechiness": np.clip(speechiness, 0.022, 0.95) * has_beat,
        "acousticness": np.clip(acoustic_root * acoustic_root * acoustic_root * 1.02, 0.0, 0.996),
        "instrumentalness": instrumentalness,
        "liveness": np.where(played_live, 0.7, 0.0) + draws.quantiles(_LIVENESS, count) * 0.3 * (
            played_live + 3.3 * ~played_live
        ),
        "valence": np.clip(_squash(0.85 * valence_units), 0.02, 0.985) * has_beat,
        "tempo": tempo * has_beat,
        "time_signature": np.where(
            no_beat, 0, np.array([4, 3, 5, 1])[draws.weighted((0.89, 0.085, 0.018, 0.007), count)]
        ),
    }  # fmt: skip


def _printed(name: str, values: Floats | Integers) -> list[float]:
    """Round as the catalogue does: dB and beats to 3 decimals, the rest to 3 significant digits."""
    if values.dtype == np.int64:
        whole: list[float] = values.tolist()
        return whole
    if name in ("loudness", "tempo"):
        return [round(value, 3) for value in values.tolist()]
    return [float(f"{value:.3g}") for value in values.tolist()]


def _recordings(draws: Draws, artists: int, tracks: int) -> tuple[pd.DataFrame, Integers]:
    """Return one row per recording and its artist's number; artists' works album by album."""
    shares = draws.quantiles(_TRACKS_AN_ARTIST, artists)
    bounds = np.floor(np.cumsum(shares) / shares.sum() * tracks + 1e-9).astype(np.int64)
    bounds[-1] = tracks
    artist = np.searchsorted(bounds, np.arange(tracks), side="right").astype(np.int64)
    genre = draws.below(len(GENRES), artists)[artist]
    sizes = np.floor(draws.quantiles(_ALBUM_SIZES, tracks)).astype(np.int64)
    album_ends = np.cumsum(sizes)
    album = np.searchsorted(album_ends, np.arange(tracks), side="right")
    album += artist * tracks  # an album ends with its artist, too
    _, album_first, album = np.unique(album, return_index=True, return_inverse=True)

    names = np.array(artist_names(draws, artists), dtype=object)
    title = titles(draws, artist)
    album_title = np.array(titles(draws, artist[album_first]), dtype=object)
    # A single carries the name of its one track.
    single = np.bincount(album) == 1
    album_title[single] = np.array(title, dtype=object)[album_first[single]]
    guest = draws.below(artists, tracks)
    has_guest = draws.happens(0.2, tracks) & (guest != artist)
    named_guest = has_guest & draws.happens(0.4, tracks)
    # Of one artist a compilation has only a few tracks.
    is_compilation = (draws.happens(0.03, len(album_first)) & (np.bincount(album) < 4))[album]
    length_s = np.array([genre.length_s for genre in GENRES])[genre]
    length_s = np.clip(length_s * draws.quantiles(_LENGTH_FACTORS, tracks), 35.0, 1_100.0)
    features = _features(draws, artist, genre)
    popularity = 0.6 * draws.quantiles(_POPULARITY, artists)[artist]
    popularity += 0.4 * draws.quantiles(_POPULARITY, tracks)
    explicit = np.array([genre.explicit_share for genre in GENRES])[genre]
    frame = pd.DataFrame(
        {
            "track_id": spotify_ids(draws, tracks),
            "artists": np.where(has_guest, names[artist] + ";" + names[guest], names[artist]),
            "album_name": album_title[album],
            "track_name": [
                f"{name} (feat. {names[of]})" if is_named else name
                for name, of, is_named in zip(title, guest, named_guest, strict=True)
            ],
            "popularity": np.floor(popularity).astype(np.int64),
            "duration_ms": np.floor(length_s * 1000.0).astype(np.int64),
            "explicit": draws.happens(explicit, tracks),
            **{name: _printed(name, values) for name, values in features.items()},
            "track_genre": np.array([genre.name for genre in GENRES], dtype=object)[genre],
            "album_artist_name": np.where(is_compilation, "Various Artists", names[artist]),
        }
    )
    return frame, artist


def make_catalogue(seed: int = 7, n_artists: int = 520, n_tracks: int = 5_500) -> pd.DataFrame:
    """Make a world of music with its true audio features.

    About 27% of the tracks are not in the CSV: most by artists who are in it, about a tenth of them
    by artists who are not, and about a tenth as a second release (another id and album) of a
    recording whose first release is in it.

    ``seed``: the same seed gives the same world. ``n_artists``: artists in the world, at least 20.
    ``n_tracks``: different track ids in the world, at least 5 an artist.

    Returns one row per track and genre, in the order of the CSV, then the tracks that are not in it
    (one row each): ``KAGGLE_COLUMNS`` (duration in ms, loudness in dB, tempo in beats a minute, key
    0-11, mode 0/1, popularity 0-100, the other features 0-1), ``album_artist_name`` (what exports
    and the API show as the album's artist) and ``in_csv``.

    Raises ValueError: the world is too small.
    """
    if n_artists < 20 or n_tracks < 5 * n_artists:
        raise ValueError("a catalogue needs at least 20 artists and 5 tracks an artist")
    draws = Draws(seed, 1)
    second_releases = n_tracks // 40
    tracks, artist = _recordings(draws, n_artists, n_tracks - second_releases)
    unknown_artist = draws.happens(0.035, n_artists)[artist]
    hidden = unknown_artist | draws.happens(0.23, len(tracks))
    tracks["in_csv"] = ~hidden

    again = np.sort(_sample(draws, np.flatnonzero(~hidden), second_releases))
    reissues = tracks.iloc[again].copy()
    reissues["track_id"] = spotify_ids(draws, second_releases)
    reissues["album_name"] += " (Deluxe Edition)"
    reissues["in_csv"] = False

    known = tracks[tracks["in_csv"]]
    kin = known[draws.happens(0.22, len(known))].copy()
    kin["track_genre"] = [GENRES[_CODES[name]].kin for name in kin["track_genre"]]
    rows = pd.concat([known, kin])
    repeats = rows.iloc[_sample(draws, np.arange(len(rows)), max(1, len(rows) // 250))]
    rows = pd.concat([rows, repeats, _nameless(draws, rows)])
    rows = rows.sort_values("track_genre", kind="stable")
    return pd.concat([rows, tracks[~tracks["in_csv"]], reissues], ignore_index=True)


def _sample(draws: Draws, positions: Integers, count: int) -> Integers:
    """``count`` different entries of ``positions``, in random order."""
    order = np.argsort(draws.uniform(len(positions)), kind="stable")
    return positions[order[:count]]


def _nameless(draws: Draws, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the one row without names and length that the real catalogue has too."""
    row = rows.iloc[[len(rows) // 2]].copy()
    row[["artists", "album_name", "track_name", "album_artist_name"]] = ""
    row["track_id"] = spotify_ids(draws, 1)
    row[["popularity", "duration_ms"]] = 0
    return row


def distinct_tracks(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return one row per track that can be played, with its first genre; album by album."""
    tracks = catalogue[catalogue["duration_ms"] > 0].drop_duplicates("track_id")
    album = pd.factorize(tracks["album_artist_name"] + "\n" + tracks["album_name"])[0]
    return tracks.iloc[np.argsort(album, kind="stable")].reset_index(drop=True)


def write_catalogue(catalogue: pd.DataFrame, path: Path) -> None:
    """Write the part of a catalogue that the public file knows, in the layout of ``dataset.csv``.

    The first header is blank above a running number; numbers are printed as Python prints them
    (``7.61e-05``), flags as True and False; fields with commas or quotes are quoted and quotes
    within them doubled.

    ``catalogue``: what ``make_catalogue`` returned. ``path``: the file to write; its folder must be
    there.

    Raises OSError: the file cannot be written.
    """
    known: Flags = catalogue["in_csv"].to_numpy(dtype=np.bool_)
    columns = [catalogue.loc[known, name].tolist() for name in KAGGLE_COLUMNS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["", *KAGGLE_COLUMNS])
        writer.writerows(zip(range(len(columns[0])), *columns, strict=True))
