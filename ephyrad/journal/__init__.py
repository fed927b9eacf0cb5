# SPDX-License-Identifier: Apache-2.0
"""Floor 1: the durable record of every migration, on sqlite-utils over SQLite."""
