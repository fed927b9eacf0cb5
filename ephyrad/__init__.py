# SPDX-License-Identifier: Apache-2.0
"""Carries bare-metal nodes from an old OpenStack cloud to a new one."""


def __getattr__(name: str) -> str:
    """Give `__version__`, the installed version.

    Read only when asked for: every start of the `ephyra` command would pay for it otherwise.
    """
    if name != "__version__":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib.metadata import version  # noqa: PLC0415

    return version("ephyrad")
