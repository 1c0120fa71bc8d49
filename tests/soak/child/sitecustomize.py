"""Imported by Python as it starts, where this folder is on PYTHONPATH: arm the named fault."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(_ROOT))

from tests.soak.faults import arm_from_environment  # noqa: E402

arm_from_environment()
