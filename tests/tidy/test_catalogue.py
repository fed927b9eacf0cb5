# SPDX-License-Identifier: Apache-2.0
"""What a mutation takes away still stands in the code; `./test mutations` takes it away."""

import pytest

from tests.mutations.catalogue import MUTATIONS
from tests.mutations.mutation import Mutation, applied
from tests.tidy.source import ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_mutation_fits_the_code(mutation: Mutation) -> None:
    source = (ROOT / mutation.path).read_text()

    assert applied(mutation, source) != source
