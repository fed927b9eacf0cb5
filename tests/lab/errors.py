# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in the lab."""


class LabError(Exception):
    """The lab can't go on; the message is one line: the thing, the place and the cure."""


class Cancelled(Exception):
    """Another part of the same command failed or was interrupted, so this one gave up."""
