"""A person reads at the end of a run what became of everything."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from engines.engine import Engine
from report.run_summary import print_summary
from tests.export_samples import extended, write_json
from tests.lakes import land, one


def test_the_summary_counts_sources_and_names_what_was_rejected(
    engine: Engine, tmp_path: Path
) -> None:
    good = extended()
    file = write_json(tmp_path / "[odd] name.json", [good, extended(ms_played=-1)])
    land(engine, tmp_path / "lake", [file])
    run_id = one(tmp_path / "lake", "SELECT DISTINCT run_id FROM ops.imported_files")
    said = StringIO()

    print_summary(
        Console(file=said, width=120),
        tmp_path / "lake",
        run_id,
        [("[a].zip", "is broken")],
        ["a note"],
    )

    text = said.getvalue()
    assert "me       extended       1      2      1               0          1" in text
    assert "[odd] name.json, record 2: its playing time is negative" in text
    assert "not taken [a].zip: is broken" in text
    assert "· a note" in text
