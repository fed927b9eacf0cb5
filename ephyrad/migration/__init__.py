# SPDX-License-Identifier: Apache-2.0
"""Floor 0: what a migration is and what to do next. Pure: no clock, no I/O, no threads."""
