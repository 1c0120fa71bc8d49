"""The lake as the page reads it: a person's listening in the state that a whole run left.

A run commits its tables one by one and records itself last. So that nobody sees the new plays
beside old numbers, a state is kept until the record of a run is newer than it.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Event, Lock
from typing import Any, TypeVar

import duckdb

from report.page.listening import Listening, Period, open_listening, people_with_plays
from report.page.questions.asking import prepare
from schemas.lakes import find_lake
from schemas.ops_schemas import PIPELINE_RUNS

log = logging.getLogger("web")
# Of all memory that the page may take, most: a person of 370,000 plays needs 150 MB.
_MEMORY = "400MB"
_THREADS = 2
_LOOK_SECONDS = 1.0
MAX_ANSWERS = 100
"""How many answers about a person are kept."""

MAX_IDLE = 8
"""How many connections are kept, each with what it counted of the periods it was asked of."""

MAX_PEOPLE = 3
"""How many people's listening is kept in memory."""

Answer = TypeVar("Answer")
State = int


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A person's listening in one state of the lake; ``listening`` None where there is no play."""

    data_dir: Path
    user_id: str
    state: State
    listening: Listening | None
    _keep_open: ExitStack
    _answers: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _idle: OrderedDict[tuple[Period, ...], duckdb.DuckDBPyConnection] = field(
        default_factory=OrderedDict
    )
    _lock: Lock = field(default_factory=Lock)

    def kept(self, question: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Return the answer to a question, kept from the last time or asked for now.

        In one state of the lake an answer stays the same.
        """
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                found: Answer = self._answers[question]
                return found
        found = answer()
        with self._lock:
            self._answers[question] = found
            if len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)
        return found

    @contextmanager
    def ask(self, *periods: Period) -> Iterator[Listening]:
        """Return the listening for questions on ``periods``, on a connection of its own.

        One that was asked of the same periods lately has their plays counted already. Must not be
        called where there is no play.
        """
        assert self.listening is not None
        with self._lock:
            connection = self._idle.pop(periods, None)
        if connection is None:
            connection = self.listening.connection.cursor()
        try:
            yield replace(self.listening, connection=connection, periods=periods)
        finally:
            self._keep(periods, connection)

    def _keep(self, periods: tuple[Period, ...], connection: duckdb.DuckDBPyConnection) -> None:
        with self._lock:
            surplus = self._idle.pop(periods, None)  # another was asked of them at the same time
            self._idle[periods] = connection
            if len(self._idle) > MAX_IDLE:
                _, surplus = self._idle.popitem(last=False)
        if surplus is not None:
            surplus.close()

    @contextmanager
    def query(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Return a connection for questions that concern no period."""
        with self.ask() as listening:
            yield listening.connection

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The people of whom the lake has plays, in alphabetical order."""
        return tuple(people_with_plays(self.data_dir))


class Lakes:
    """The listening of people in the lake of ``data_dir``, or in the simulated account's in it."""

    def __init__(self, data_dir: Path, *, own_only: bool) -> None:
        """``own_only``: a simulated account is not shown in place of a missing lake."""
        self._data_dir = data_dir
        self._own_only = own_only
        self._kept: OrderedDict[tuple[Path, str], Snapshot] = OrderedDict()
        self._lock = Lock()

    @property
    def folder(self) -> Path:
        """The folder of the lake that is shown."""
        return self._data_dir if self._own_only else find_lake(self._data_dir)

    @property
    def is_simulated(self) -> bool:
        return self.folder != self._data_dir

    def of(self, user_id: str) -> Snapshot:
        """Return a person's listening as the last run that ended left it."""
        folder = self.folder
        state = state_of(folder)
        with self._lock:  # who comes meanwhile waits and reads nothing twice
            kept = self._kept.get((folder, user_id))
            if kept is None or kept.state != state:
                kept = _read(folder, user_id, state)
                self._kept[folder, user_id] = kept
                if len(self._kept) > MAX_PEOPLE:
                    self._kept.popitem(last=False)
            self._kept.move_to_end((folder, user_id))
            return kept

    def keep_fresh(self, user_id: str, ended: Event, ready: Callable[[Snapshot], None]) -> None:
        """Read the listening of ``user_id``, and of whom was asked for, again after each run.

        So that nobody who opens a page waits for it; ``ready`` is called with what was read of
        ``user_id``. Returns once ``ended`` is set.
        """
        known: State | None = None
        while not ended.is_set():
            state = state_of(self.folder)
            if state != known:
                known = state
                try:
                    for _, person in list(self._kept):
                        self.of(person)
                    ready(self.of(user_id))
                except Exception:  # whoever opens a page sees it too
                    log.exception("the lake in %s cannot be read", self.folder)
            ended.wait(_LOOK_SECONDS)


def state_of(data_dir: Path) -> State:
    """Return what is another one when a run ended since, in microseconds."""
    return changed_at(PIPELINE_RUNS.path(data_dir) / "_delta_log")


def changed_at(folder: Path) -> int:
    """Return when something in a folder was added or removed; 0 where there is no folder."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read(folder: Path, user_id: str, state: State) -> Snapshot:
    keep_open = ExitStack()  # closed with the snapshot, when the last answer from it was given
    listening = keep_open.enter_context(open_listening(folder, user_id))
    if listening is not None:
        listening.connection.execute(f"SET memory_limit = '{_MEMORY}'")
        listening.connection.execute(f"SET threads = {_THREADS}")
        prepare(listening)
    return Snapshot(folder, user_id, state, listening, keep_open)
