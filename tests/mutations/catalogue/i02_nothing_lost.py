# SPDX-License-Identifier: Apache-2.0
"""What keeps I2: nothing is lost."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I2",
        says="the old record is compared by other names than it was carried with",
        path="ephyrad/migration/entering.py",
        text="        rewritten(capture(seen.old.records, before, {}), migration.rewriting),",
        instead="        capture(seen.old.records, before, {}),",
        test=(
            "tests/unit/migration/test_rewriting.py::"
            "test_a_node_that[is verified, and both records are as they were carried]"
        ),
    ),
    Mutation(
        invariant="I2",
        says="what a node is compared by changes with the mapping file",
        path="ephyrad/migration/plan.py",
        text="    return seen.new.node is not None and migration.before is not None",
        instead="    return False",
        test=(
            "tests/unit/migration/test_rewriting.py::"
            "test_a_node_that[has a record in the new cloud: no mapping changes any more what it is"
            " compared by]"
        ),
    ),
    Mutation(
        invariant="I2",
        says="what a document was rewritten by is not written down",
        path="ephyrad/engine/turn.py",
        text="            return [Kept(at, final, before, document.left_behind, rewriting)]",
        instead="            return [Kept(at, final, before, document.left_behind)]",
        test="tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]",
    ),
    Mutation(
        invariant="I2",
        says="the old record goes though the records differ",
        path="ephyrad/migration/entering.py",
        text="        if paths:",
        instead="        if False:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[was changed in the new cloud]"
        ),
    ),
    Mutation(
        invariant="I2",
        says="the old record goes before the new cloud knows the power state",
        path="ephyrad/migration/entering.py",
        text="    if new.power_state not in _POWER_KNOWN:",
        instead="    if False:",
        test=(
            "tests/unit/migration/test_transferred.py::"
            "test_a_node_that[is verified and has no power state]"
        ),
    ),
    Mutation(
        invariant="I2",
        says="the old record goes while the BMC is being verified",
        path="ephyrad/migration/entering.py",
        text=(
            '            return waiting(migration, "the new cloud to verify the BMC", '
            "policy.verify_timeout)"
        ),
        instead="            return Perform(DeleteNode())",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]"),
        words="I2 broken",
    ),
    Mutation(
        invariant="I2",
        says="an unequal record is taken for transferred",
        path="ephyrad/migration/copying.py",
        text=("    if different:\n        return Hold("),
        instead=("    if False:\n        return Hold("),
        test=(
            "tests/unit/migration/test_cleaning.py::"
            "test_a_node_that[has another BMC in the new cloud]"
        ),
    ),
    Mutation(
        invariant="I2",
        says="a port that only one cloud has is no difference",
        path="ephyrad/migration/document.py",
        text="    for uuid in wanted.keys() ^ seen.keys():",
        instead="    for uuid in set[str]():",
        test=(
            "tests/unit/migration/test_cleaning.py::"
            "test_a_node_that[has a port in the new cloud that it does not have in the "
            "old]"
        ),
    ),
    Mutation(
        invariant="I2",
        says="the document is not durable",
        path="ephyrad/engine/turn.py",
        text=(
            "document = step.document if isinstance(step, Keep) else "
            "self._wiped(migration, entries)"
        ),
        instead="document = self._wiped(migration, entries)",
        test="tests/unit/engine/test_turn.py::test_an_idle_node_goes_all_the_way",
    ),
    Mutation(
        invariant="I2",
        says="an effect comes before its intent is durable",
        path="ephyrad/engine/turn.py",
        text=(
            "        migration = self.journal.append(migration, entries, "
            "document=document, consumed=consumed)\n"
            "        if isinstance(step, Perform):\n"
        ),
        instead=(
            "        if isinstance(step, Perform):\n"
            "            perform(step.effect, migration.node, self.lookout.clouds, "
            "None)\n"
            "        migration = self.journal.append(migration, entries, "
            "document=document, consumed=consumed)\n"
            "        if isinstance(step, Perform):\n"
        ),
        test=(
            "tests/unit/engine/test_turn.py::"
            "test_the_intent_is_durable_before_the_effect_and_the_outcome_after"
        ),
    ),
    Mutation(
        invariant="I2",
        says="a commit may be lost with the power",
        path="ephyrad/journal/database.py",
        text="synchronous = FULL",
        instead="synchronous = OFF",
        test="tests/unit/journal/test_schema.py",
    ),
    Mutation(
        invariant="I2",
        says="a node turns back though its old record is being deleted",
        path="ephyrad/engine/ways.py",
        text="    if migration.delete_intended or at_least(migration.state, State.REGISTERED):",
        instead="    if at_least(migration.state, State.REGISTERED):",
        test=(
            "tests/unit/engine/test_abort.py::"
            "test_once_the_old_record_is_being_deleted_there_is_no_way_back"
        ),
    ),
    Mutation(
        invariant="I2",
        says="what an older Ironic does not know is lost without a word",
        path="ephyrad/migration/plan.py",
        text="        yield from (Problem(Cause.MISSING, text) for text in self.lost)\n",
        instead="",
        test=(
            "tests/unit/migration/test_releases.py::"
            "test_a_node_is_held_untouched_before_anything_is_lost"
        ),
    ),
]
