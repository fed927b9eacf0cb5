# SPDX-License-Identifier: Apache-2.0
"""The preflight: what stands in the way of nodes, looked at without changing anything."""
