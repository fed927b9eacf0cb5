# SPDX-License-Identifier: Apache-2.0
"""BMCs, as far as ephyrad speaks to them itself: whether they answer, and nothing else."""
