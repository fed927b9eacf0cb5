# SPDX-License-Identifier: Apache-2.0
"""A simulated cloud in process, on a virtual clock: :class:`ephyrad.testing.cloud.SimulatedCloud`.

It behaves as Ironic, Nova and placement of 2023.1 and 2026.2 were observed to behave, as far as
ephyrad relies on it, and fails on demand as they do.
"""
