"""What went wrong, in one line with its cure."""

import pytest

from writers.failures import in_one_line


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
    ],
)
def test_a_failure_is_told_in_one_line(text: str, line: str) -> None:
    assert in_one_line(ValueError(text)) == line
