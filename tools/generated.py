# SPDX-License-Identifier: Apache-2.0
"""The files that are generated from the code: what prints each, and whether it is the same."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

# The file, and the module that prints it, with its arguments.
GENERATED: Mapping[str, list[str]] = {
    "etc/ephyrad/ephyrad.conf.sample": [
        "oslo_config.generator",
        "--config-file=etc/ephyrad/ephyrad-config-generator.conf",
    ],
    "etc/ephyrad/policy.yaml.sample": ["tools.policy_sample"],
    "docs/_generated/states.svg": ["tools.state_diagram"],
    "docs/_generated/states.txt": ["ephyrad.migration.diagram"],
    "docs/reference/openapi.json": ["tools.openapi"],
}


def printed(module: list[str]) -> str:
    """What the module says now. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", *module]
    run = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout


def is_stale(file: Path, module: list[str]) -> bool:
    """Whether the file is missing or differs from what its module prints now."""
    return not file.exists() or file.read_text() != printed(module)


def write(file: Path, module: list[str]) -> None:
    """Write the file anew, or leave it as it was when its module fails."""
    text = printed(module)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


if __name__ == "__main__":
    for name, module in GENERATED.items():
        write(CHECKOUT / name, module)
        print(f"wrote {name}")
