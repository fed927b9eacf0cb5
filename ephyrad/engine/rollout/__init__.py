# SPDX-License-Identifier: Apache-2.0
"""The rollout's work: what it begins, what it waits for, what it has tried."""
