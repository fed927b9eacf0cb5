# SPDX-License-Identifier: Apache-2.0
"""The rollout: what the operator declared, and the pure decisions that follow from it."""
