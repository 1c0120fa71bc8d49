"""What went wrong, in one line with its cure; the traceback in a file."""

import errno
import os
from pathlib import Path

import pytest

from cli.messages import in_one_line, is_failure, keep_traceback


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "An error occurred while calling o1.save.\n: org.apache.spark.SparkException: Job "
            "aborted\n\tat x\nCaused by: java.io.IOException: No space left on device\n\tat y",
            "No space left on device: the disk is full: free some space and run again",
        ),
        (
            "[SOME_ERROR] a column is missing\nJVM stacktrace:\n\tat x",
            "[SOME_ERROR] a column is missing",
        ),
        ("", "ValueError"),
        (" \n ", "ValueError"),
        (" : \n\t:", "ValueError"),
        ("\u3000\u2028", "ValueError"),
    ],
)
def test_a_failure_is_reported_in_one_line(text: str, line: str) -> None:
    assert in_one_line(ValueError(text)) == line


def test_an_error_without_a_text_of_its_own_is_reported_too() -> None:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert in_one_line(SilentError()) == "SilentError"
    assert in_one_line(KeyError("valence")) == "KeyError: 'valence'"


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/lake/it's 1/part.parquet"),
        OSError('IO Error: Cannot open file "/lake/it\'s 1/part.parquet": Permission denied'),
        OSError("Generic error: '/lake/it's 1/part.parquet': Permission denied (os error 13)"),
    ],
)
def test_a_file_that_may_not_be_opened_is_named(error: OSError) -> None:
    line = in_one_line(error)

    assert line.startswith("Permission denied: /lake/it's 1/part.parquet: ")


def test_a_file_that_is_in_the_way_is_named() -> None:
    error = FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), "/lake/bronze")

    assert in_one_line(error) == "File exists: /lake/bronze"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("java.lang.OutOfMemoryError: Java heap space"),
        RuntimeError("Out of Memory Error: failed to allocate 1.0 GiB (2.8 GiB/2.8 GiB used)"),
        MemoryError(),
    ],
)
def test_the_cure_for_memory_is_a_setting_that_is_taken(error: Exception) -> None:
    assert "MEMORY_LIMIT=4GB" in in_one_line(error)


def test_the_traceback_goes_to_the_log_of_the_run(tmp_path: Path) -> None:
    for text in ("first", "second"):
        try:
            raise ValueError(text)
        except ValueError as error:
            file = keep_traceback(tmp_path, "run-1", error)

    assert file == tmp_path / "logs" / "run-1.log"
    log = file.read_text()
    assert log.count("Traceback (most recent call last)") == 2
    assert "ValueError: first" in log
    assert "ValueError: second" in log


def test_a_log_that_cannot_be_written_is_no_further_error(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()

    assert keep_traceback(tmp_path, "run-1", ValueError("a")) is None


def test_what_rust_gives_up_on_is_a_failure_and_an_interruption_is_none() -> None:
    class PanicException(BaseException):
        pass

    assert is_failure(PanicException())
    assert is_failure(ValueError())
    assert not is_failure(KeyboardInterrupt())
    assert not is_failure(SystemExit())
