"""What `make audit` says of pip-audit's answer, and by which exit code."""

import json

import pytest

from scripts.audit import report_findings

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
HARMED = {
    "name": "b",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "code", "out", "error"),
    [
        ([CLEAN], 0, "audit: no known vulnerability in 1 packages\n", ""),
        (
            [CLEAN, HARMED],
            1,
            "b 2.0: PYSEC-1, fixed in 2.1\nb 2.0: PYSEC-2, fixed in no version yet\n",
            "",
        ),
        ([CLEAN, SKIPPED], 4, "", "1 of 2 packages could not be looked up"),
        ([SKIPPED, HARMED], 1, "b 2.0: PYSEC-1", "1 of 2 packages could not be looked up"),
    ],
)
def test_what_was_found_is_told_and_what_was_skipped_is_not_taken_for_sound(
    capsys: pytest.CaptureFixture[str],
    packages: list[dict[str, object]],
    code: int,
    out: str,
    error: str,
) -> None:
    assert report_findings(json.dumps({"dependencies": packages}), "") == code
    printed = capsys.readouterr()
    assert printed.out.startswith(out)
    assert error in printed.err


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_service_that_cannot_be_reached_is_named_in_one_line(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert report_findings(text, "Traceback\nConnectionError: no route\n") == 4
    assert capsys.readouterr().err == (
        "audit: pip-audit could not ask its service: ConnectionError: no route\n"
    )
