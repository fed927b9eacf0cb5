# SPDX-License-Identifier: Apache-2.0
"""What keeps I3: a mask is never written, and secrets are kept."""

from tests.mutations.mutation import Mutation

MUTATIONS = [
    Mutation(
        invariant="I3",
        says="a mask is taken for a secret",
        path="ephyrad/migration/preflight.py",
        text="    if paths:",
        instead="    if False:",
        test=(
            "tests/simulation/test_ways.py::"
            "test_a_node_whose_password_is_masked_at_first_arrives[idle]"
        ),
        words="I3 broken",
    ),
    Mutation(
        invariant="I3",
        says="a document is written without another look for masks",
        path="ephyrad/migration/copying.py",
        text=("    if hold is not None:\n        # Its secrets were looked at"),
        instead=("    if False:\n        # Its secrets were looked at"),
        test=(
            "tests/unit/migration/test_cleaning.py::"
            "test_a_node_that[has a document with a mask in it, however it came there]"
        ),
    ),
    Mutation(
        invariant="I3",
        says="secrets stay when the node has arrived",
        path="ephyrad/engine/turn.py",
        text="return None if document is None else without_secrets(document)",
        instead="return document",
        test=("tests/simulation/test_ways.py::test_a_node_arrives_or_is_held_untouched[in_use]"),
        words="I3 broken",
    ),
    Mutation(
        invariant="I3",
        says="documents stand in the journal in clear",
        path="ephyrad/journal/documents.py",
        text=(
            "        return self._cipher.encrypt(json.dumps(documents.to_json(document)).encode())"
        ),
        instead="        return json.dumps(documents.to_json(document)).encode()",
        test=("tests/unit/journal/test_secrecy.py::test_a_password_is_on_the_disk_only_encrypted"),
    ),
    Mutation(
        invariant="I3",
        says="what a document replaces stays on the disk",
        path="ephyrad/journal/database.py",
        text="secure_delete = ON",
        instead="secure_delete = OFF",
        test=(
            "tests/unit/journal/test_secrecy.py::"
            "test_what_a_document_replaces_is_gone_from_the_disk"
        ),
    ),
    Mutation(
        invariant="I3",
        says="a cloud's words quote a secret",
        path="ephyrad/clouds/errors.py",
        text="        words = words.replace(secret, MASK)",
        instead="        pass",
        test=(
            "tests/unit/clouds/test_errors.py::test_secrets_are_blotted_out_before_words_are_cut"
        ),
    ),
    Mutation(
        invariant="I3",
        says="a document shows its secrets where it is printed",
        path="ephyrad/migration/document.py",
        text="    node: Mapping[str, Any] = field(repr=False)",
        instead="    node: Mapping[str, Any]",
        test="tests/unit/migration/test_document.py::test_secrets_never_stand_in_a_repr",
    ),
    Mutation(
        invariant="I3",
        says="a mask in the steps of a deploy template or a runbook is written",
        path="ephyrad/clouds/environment/step_lists.py",
        text="        case str() if MASK in value:",
        instead="        case str() if False:",
        test=(
            "tests/unit/clouds/environment/test_step_lists.py::"
            "test_a_mask_is_trouble_and_is_never_written"
        ),
    ),
]
