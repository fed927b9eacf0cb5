# SPDX-License-Identifier: Apache-2.0
"""All mutations, by invariant; `INVARIANTS` are those of the design."""

from tests.mutations.catalogue import (
    i01_one_owner,
    i02_announced,
    i02_nothing_lost,
    i03_no_mask,
    i04_items,
    i04_no_hint,
    i04_reclaim,
    i05_clean,
    i06_no_gap,
    i07_same_machine,
    i08_unknown,
    i09_budgets,
    i09b_rollouts,
    i10_waits_end,
    i11_only_one,
)
from tests.mutations.mutation import Mutation

INVARIANTS = tuple(f"I{number}" for number in range(1, 12))

MUTATIONS: list[Mutation] = [
    *i01_one_owner.MUTATIONS,
    *i02_nothing_lost.MUTATIONS,
    *i02_announced.MUTATIONS,
    *i03_no_mask.MUTATIONS,
    *i04_no_hint.MUTATIONS,
    *i04_items.MUTATIONS,
    *i04_reclaim.MUTATIONS,
    *i05_clean.MUTATIONS,
    *i06_no_gap.MUTATIONS,
    *i07_same_machine.MUTATIONS,
    *i08_unknown.MUTATIONS,
    *i09_budgets.MUTATIONS,
    *i09b_rollouts.MUTATIONS,
    *i10_waits_end.MUTATIONS,
    *i11_only_one.MUTATIONS,
]
