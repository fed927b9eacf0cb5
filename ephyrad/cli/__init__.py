# SPDX-License-Identifier: Apache-2.0
"""Floor 3: the commands of `ephyra`, which ask the daemon over its unix socket.

It starts quickly because it imports nothing of the daemon and reads no entry points.
"""
