# SPDX-License-Identifier: Apache-2.0
"""The operator's command: `ephyra`."""

from ephyrad.cli.app import main

__all__ = ["main"]
