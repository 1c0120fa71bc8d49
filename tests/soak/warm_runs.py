"""Runs and upkeep in processes that are forked from one that has imported everything already.

The scheduler starts what it takes for Python: a client that passes its arguments on and ends with
the exit code. So a run costs what it computes, not seconds of imports.
"""

import json
import os
import socket
import sys
from pathlib import Path

from config.run_id import RUN_ID_VARIABLE
from tests.lakes import FEW_STEPS

_CLIENT = """
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    asked = {"arguments": sys.argv[2:], "run_id": os.environ.get("SOUNDLAKE_RUN_ID")}
    server.sendall(json.dumps(asked).encode() + b"\\n")
    sys.exit(int(server.recv(16) or b"1"))
"""


def write_client(folder: Path, address: Path) -> Path:
    """Write the program that stands in for Python; return its path."""
    client, program = folder / "client.py", folder / "python"
    client.write_text(_CLIENT, encoding="utf-8")
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -IS "{client}" "{address}" "$@"\n', encoding="utf-8"
    )
    program.chmod(0o700)
    return program


def serve(address: str, *, all_steps: bool) -> None:
    """Carry out one command after the other, each in a process of its own, until killed.

    Without ``all_steps`` a run computes the way to silver and a few tables, and writes no pages.
    """
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

    if not all_steps:
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
                    steps = None if all_steps else FEW_STEPS
                    app = main.app if script.endswith("main.py") else run_ingestion.app
                    _end_with(lambda: app(arguments, obj=steps))  # noqa: B023
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
    serve(sys.argv[1], all_steps=sys.argv[2:] == ["all"])
