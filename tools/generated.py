# SPDX-License-Identifier: Apache-2.0
"""The files that are generated from the code: what each should contain, and how it is written."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

# The file, and the module that prints it, with its arguments.
GENERATED = {
    "etc/ephyrad/ephyrad.conf.sample": [
        "oslo_config.generator",
        "--config-file=etc/ephyrad/ephyrad-config-generator.conf",
    ],
    "docs/_generated/states.txt": ["ephyrad.migration.diagram"],
}


def content(name: str) -> str:
    """What the code says now that the file should contain."""
    command = [sys.executable, "-m", *GENERATED[name]]
    return subprocess.run(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def main() -> None:
    for name in GENERATED:
        path = CHECKOUT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content(name))
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
