"""Requests to Spotify for one thing after the other, which end cleanly when it asks to stop."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from clients.errors import ApiError, RateLimitedError, SignInError, rate_limited_until
from incremental.lake import Lake
from ingestion.api_session import ApiSession

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")

# One failed request may be due to its thing; two in a row are due to the service.
_MAX_FAILURES = 2


@dataclass
class OneByOne:
    """Requests of one step: whether they have ``ended``, the remarks on it, the first failure."""

    lake: Lake
    session: ApiSession
    ended: bool = False
    remarks: list[str] = field(default_factory=list)
    failure: SignInError | ApiError | None = None

    def ask(
        self, things: Iterable[Thing], request: Callable[[Thing], Answer]
    ) -> Iterator[tuple[Thing, Answer]]:
        """Yield things with their answers, until Spotify limits the rate or is not there.

        A limit of the rate is remembered for other steps and runs, an ended sign-in for this run's.
        """
        failures = 0
        for thing in things:
            if self.ended:
                return
            try:
                answer = request(thing)
            except RateLimitedError as error:
                self.session.wait_until(self.lake, error.until)
                self.remarks.append(rate_limited_until("Spotify", error.until))
                self.ended = True
            except SignInError as error:
                self.session.sign_in_ended = str(error)
                self.failure = self.failure or error
                self.ended = True
            except ApiError as error:
                self.failure = self.failure or error
                failures += 1
                self.ended = failures == _MAX_FAILURES
            else:
                failures = 0
                yield thing, answer
