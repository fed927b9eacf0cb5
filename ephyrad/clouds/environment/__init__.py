# SPDX-License-Identifier: Apache-2.0
"""The environment of a cloud behind its APIs: one file for each kind of item."""
