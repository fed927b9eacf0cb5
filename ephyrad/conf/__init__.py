# SPDX-License-Identifier: Apache-2.0
"""Floor 3: the options, read once into frozen dataclasses that are handed down."""
