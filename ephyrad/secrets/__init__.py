# SPDX-License-Identifier: Apache-2.0
"""Floor 1: the keys that encrypt the journal's secrets, and the operator's own credentials."""
