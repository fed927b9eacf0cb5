# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with a cloud's API, through the real gateway, over the simulation's HTTP."""
