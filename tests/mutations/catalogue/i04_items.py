# SPDX-License-Identifier: Apache-2.0
"""I4 for items: nothing that people made or changed in the new cloud is overwritten or deleted."""

from tests.mutations.mutation import Mutation

_DECIDE = "tests/unit/environment/test_decide.py::test_what_is_reported"
_HALVES = "tests/unit/environment/test_halves.py::test_what_people_changed_meanwhile_is_theirs"

MUTATIONS = [
    Mutation(
        invariant="I4",
        says="what people made while ephyrad could not is taken for its own",
        path="ephyrad/environment/record.py",
        text=" and not (undone and record.settled is None)",
        instead="",
        test=(
            "tests/unit/environment/test_record.py::test_what_could_not_be_asked_for_was_not_made"
        ),
    ),
    Mutation(
        invariant="I4",
        says="what certainly was not done counts as open",
        path="ephyrad/environment/record.py",
        text="    open_still = record.pending and not (refused or undone)\n",
        instead="    open_still = record.pending and not refused\n",
        test=(
            "tests/unit/environment/test_record.py::"
            "test_what_was_in_step_before_is_remembered_as_it_was"
        ),
    ),
    Mutation(
        invariant="I4",
        says="a creation whose second call could not be made is told as if nothing were done",
        path="ephyrad/clouds/environment/steps.py",
        text="    if isinstance(outcome, Unreachable):\n",
        instead="    if False:\n",
        test=(
            "tests/unit/clouds/environment/test_steps.py::"
            "test_what_is_half_done_is_not_told_as_if_nothing_were"
        ),
    ),
    Mutation(
        invariant="I4",
        says="an image without a mark is taken for half-done work",
        path="ephyrad/environment/decide.py",
        text="    if record.pending and found.kind in MARKED_AT_ONCE:\n",
        instead="    if False:\n",
        test=f"{_DECIDE}[made by people, since what ephyrad makes is marked at once]",
    ),
    Mutation(
        invariant="I4",
        says="what people changed while an effect was open is written over",
        path="ephyrad/environment/decide.py",
        text="        return record.may_be is not None and not is_among(found, record.may_be)\n",
        instead="        return False\n",
        test=f"{_HALVES}[a value that is neither]",
    ),
    Mutation(
        invariant="I4",
        says="what people put in the place of what is being made is taken for half-made",
        path="ephyrad/environment/decide.py",
        text="    return made and not (record.pending and _is_changed(record, found))\n",
        instead="    return made\n",
        test=f"{_HALVES}[people's key in its place]",
    ),
    Mutation(
        invariant="I4",
        says="what people took away while an effect was open is not missed",
        path="ephyrad/environment/halves.py",
        text="    if any(None not in values[path] for path in values.keys() - there.keys()):\n",
        instead="    if False:\n",
        test=f"{_HALVES}[a field that both have is gone]",
    ),
    Mutation(
        invariant="I4",
        says="what people changed in an image without its bytes yet is written over",
        path="ephyrad/environment/decide.py",
        text="    if record.pending:\n        return False\n    lacks",
        instead="    lacks",
        test=f"{_HALVES}[an image's record]",
    ),
    Mutation(
        invariant="I4",
        says="what people deleted and made again is deleted as ephyrad's",
        path="ephyrad/environment/record.py",
        text="            made = record.made and cause is not Cause.DELETED_THERE\n",
        instead="            made = record.made\n",
        test=(
            "tests/unit/environment/test_halves.py::"
            "test_what_people_deleted_and_made_again_is_theirs"
        ),
    ),
    Mutation(
        invariant="I4",
        says="what people delete of what a lost journal knew is made again",
        path="ephyrad/environment/decide.py",
        text="    if (record.is_blank and found.mark is None) or",
        instead="    if record.is_blank or",
        test=(
            "tests/unit/environment/test_halves.py::"
            "test_what_is_marked_and_equal_is_written_down_where_the_journal_was_lost"
        ),
    ),
    Mutation(
        invariant="I4",
        says="what bears a mark is deleted though the journal does not know it",
        path="ephyrad/environment/decide.py",
        text="    if not (record.made or record.settled):\n",
        instead="    if False:\n",
        test=("tests/unit/environment/test_decide.py::test_nothing_is_deleted_for_its_mark_alone"),
    ),
    Mutation(
        invariant="I4",
        says="a copy with its original's mark is taken for ephyrad's",
        path="ephyrad/clouds/environment/mark.py",
        text="    return digest if whose == _whose(key) else None\n",
        instead="    return digest or None\n",
        test=(
            "tests/unit/clouds/environment/test_mark.py::"
            "test_what_is_no_mark_of_the_item_says_nothing"
        ),
    ),
    Mutation(
        invariant="I4",
        says="what another owner has under the name of a key is taken for the key",
        path="ephyrad/environment/decide.py",
        text="    made = record.made and record.new_key == found.key\n",
        instead="    made = record.made\n",
        test=f"{_DECIDE}[what another owner has under the name of a key]",
    ),
    Mutation(
        invariant="I4",
        says="what the old cloud may only hide is taken for deleted",
        path="ephyrad/engine/environment/look.py",
        text="            if found is not None and (doubt := old.doubt()):\n",
        instead="            if False and (doubt := old.doubt()):\n",
        test=(
            "tests/unit/engine/environment/test_sweep.py::"
            "test_what_the_old_cloud_may_only_hide_is_not_taken_for_deleted"
        ),
    ),
]
