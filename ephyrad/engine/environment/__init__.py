# SPDX-License-Identifier: Apache-2.0
"""The environment's engine: an item's turn, its doors, and what operators ask of items."""
