"""Runs and upkeep in processes that are forked from one that has imported everything already.

The scheduler starts what it takes for Python: a client that passes its arguments on and ends with
the exit code. So a run costs what it computes, not seconds of imports.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Literal, cast

from config.run_id import RUN_ID_VARIABLE
from incremental.step import Step
from tests.lakes import FEW_STEPS

_COMPUTED: dict[str, tuple[Step, ...] | None] = {"none": (), "few": FEW_STEPS, "all": None}

_CLIENT = """
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    asked = {"arguments": sys.argv[2:], "run_id": os.environ.get("SOUNDLAKE_RUN_ID")}
    server.sendall(json.dumps(asked).encode() + b"\\n")
    sys.exit(int(server.recv(16) or b"1"))
"""


def write_client(folder: Path, address: Path) -> Path:
    """Write a program that replaces Python; return its path."""
    client, program = folder / "client.py", folder / "python"
    client.write_text(_CLIENT, encoding="utf-8")
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -IS "{client}" "{address}" "$@"\n', encoding="utf-8"
    )
    program.chmod(0o700)
    return program


Steps = Literal["none", "few", "all"]
"""What a run computes of what it imported; only with all it writes the page."""


def serve(address: str, steps: Steps) -> None:
    """Carry out one command after the other, each in a process of its own, until killed."""
    import deltalake  # noqa: F401
    import pandas  # noqa: F401  (DuckDB asks whether a name is one of its frames)
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401

    import engines.arrow  # noqa: F401
    import main
    import run_ingestion
    from cli import upkeep_commands  # noqa: F401
    from clients import reccobeats_api, spotify_api  # noqa: F401
    from writers import run_logs, upkeep  # noqa: F401

    if steps != "all":
        vars(run_ingestion)["write_pages"] = lambda *_: None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        while True:
            client, _ = server.accept()
            with client:
                asked = json.loads(client.makefile().readline())
                child = os.fork()
                if child == 0:
                    os.environ[RUN_ID_VARIABLE] = asked["run_id"]
                    script, *arguments = asked["arguments"]
                    app = main.app if script.endswith("main.py") else run_ingestion.app
                    _end_with(lambda: app(arguments, obj=_COMPUTED[steps]))  # noqa: B023
                _, status = os.waitpid(child, 0)
                client.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _end_with(command) -> None:  # type: ignore[no-untyped-def]
    code = 1
    try:
        command()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1], cast(Steps, sys.argv[2]))
