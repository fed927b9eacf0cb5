# SPDX-License-Identifier: Apache-2.0
"""What keeps I5: clean means cleaned."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I5",
        says="`manageable` is taken for clean",
        path="ephyrad/migration/leaving.py",
        text=("        return Owe(_unproven(migration)) if proof is None else Witness(proof)"),
        instead='        return Witness(proof or "it is manageable")',
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[dirty]"),
        words="I5 broken",
    ),
    Mutation(
        invariant="I5",
        says="a cleaning from before the migration counts",
        path="ephyrad/migration/leaving.py",
        text=("    if old is None or not migration.was_in_use or old.fault or old.maintenance:"),
        instead="    if old is None or old.fault or old.maintenance:",
        test=(
            "tests/unit/migration/test_clean_proof.py::"
            "test_a_node_that_was_idle_when_it_was_retired_was_not_cleaned_for_it"
        ),
    ),
    Mutation(
        invariant="I5",
        says="an error that the record shows does not count",
        path="ephyrad/migration/leaving.py",
        text=("    if old.last_error:\n        return None\n"),
        instead="",
        test=(
            "tests/unit/migration/test_clean_proof.py::"
            "test_what_speaks_against_it_outweighs_a_notification"
        ),
    ),
    Mutation(
        invariant="I5",
        says="an error in the history does not count",
        path="ephyrad/migration/leaving.py",
        text="    if seen.old.faults is None or _last_fault(seen) != migration.last_fault:",
        instead="    if seen.old.faults is None:",
        test=(
            "tests/unit/migration/test_clean_proof.py::"
            "test_an_error_in_the_history_since_speaks_against_it"
        ),
    ),
    Mutation(
        invariant="I5",
        says="the notification of another transition counts",
        path="ephyrad/migration/leaving.py",
        text=(
            '            and _same_moment(fields.get("provision_updated_at"), '
            "old.provision_updated_at)\n"
        ),
        instead="",
        test=("tests/unit/migration/test_clean_proof.py::test_this_notification_proves_nothing"),
    ),
    Mutation(
        invariant="I5",
        says="a node that the old cloud would not clean counts as retired",
        path="ephyrad/migration/conditions.py",
        text=" and old.automated_clean is True",
        instead="",
        test=(
            "tests/unit/migration/test_active.py::"
            "test_a_node_that[was retired, but somebody took its automated_clean away "
            "again]"
        ),
    ),
    Mutation(
        invariant="I5",
        says="what is owed is not paid",
        path="ephyrad/migration/copying.py",
        text="        clean = policy.clean_on_new or migration.owed is not None",
        instead="        clean = policy.clean_on_new",
        test="tests/unit/migration/test_cleaning.py",
    ),
    Mutation(
        invariant="I5",
        says="the new cloud is not told to clean what is owed",
        path="ephyrad/migration/entering.py",
        text="    if migration.owed and new.automated_clean is not True:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_provided.py::"
            "test_a_node_that[the new cloud is to clean, and would not]"
        ),
    ),
    Mutation(
        invariant="I5",
        says="an available node counts as cleaned whatever its automated_clean",
        path="ephyrad/migration/entering.py",
        text="    if new.automated_clean is True and not shielded(new):",
        instead="    if not shielded(new):",
        test=(
            "tests/unit/migration/test_provided.py::"
            "test_a_node_that[is available, and nothing proves that it was cleaned]"
        ),
    ),
    Mutation(
        invariant="I5",
        says="a node is registered without a proof",
        path="ephyrad/migration/entering.py",
        text=(
            "    if migration.cleaned is None:\n        return _cleaned_by_new(migration, new)\n"
        ),
        instead="",
        test="tests/unit/migration/test_provided.py::test_a_node_that[was cleaned there]",
    ),
    Mutation(
        invariant="I5",
        says="a node that was in use is offered again without cleaning",
        path="ephyrad/migration/restoring.py",
        text="    wanted = True if _must_be_cleaned(migration) and not serves else own\n",
        instead="    wanted = own\n",
        test=(
            "tests/unit/migration/test_restoring.py::"
            "test_a_node_that_is_in_the_old_cloud_again_and[was in use and not cleaned]"
        ),
    ),
]
