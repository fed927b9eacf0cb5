# SPDX-License-Identifier: Apache-2.0
"""Floor 1: the two clouds behind one small port. openstacksdk lives only here."""
