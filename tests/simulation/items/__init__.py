# SPDX-License-Identifier: Apache-2.0
"""Items under weather: the environment's real engine between two simulated clouds."""
