# SPDX-License-Identifier: Apache-2.0
"""How much memory this process has."""

from pathlib import Path


def resident_mib() -> float:
    """This process's resident memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
