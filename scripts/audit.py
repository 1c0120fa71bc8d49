"""Ask for known vulnerabilities of the packages of a run, by pip-audit; needs the internet.

Exit codes: 0 none is known, 1 some are, 4 not every package could be looked up.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = "pip-audit==2.10.1"
NOT_AUDITED = 4


def main(requirements: Path = ROOT / "requirements.txt") -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        command = [sys.executable, "-m", "uv", "tool", "run", PIP_AUDIT]
        # The pins are read as they stand: nothing is resolved or installed.
        command += ["--requirement", str(requirements), "--require-hashes", "--disable-pip"]
        command += ["--progress-spinner", "off", "--format", "json", "--output", str(found)]
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
        )
        text = found.read_text("utf-8") if found.exists() else ""
    return report_findings(text, ended.stderr)


def report_findings(text: str, errors: str) -> int:
    """Say what pip-audit found, its JSON in ``text``; return the exit code.

    It calls a package that its service does not know free of vulnerabilities; here that is none.
    """
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = errors.strip().splitlines()[-1:] or ["it said nothing"]
        print(f"audit: pip-audit could not ask its service: {why[0]}", file=sys.stderr)
        return NOT_AUDITED
    skipped = [each for each in packages if "skip_reason" in each]
    harmed = [(each, one) for each in packages for one in each.get("vulns", ())]
    for package, one in harmed:
        fixed = ", ".join(one["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}")
    if skipped:
        print(
            f"audit: {len(skipped)} of {len(packages)} packages could not be looked up: the "
            f"service was not reached or does not know them, such as {skipped[0]['name']}",
            file=sys.stderr,
        )
    if harmed:
        return 1
    if skipped:
        return NOT_AUDITED
    print(f"audit: no known vulnerability in {len(packages)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
