# SPDX-License-Identifier: Apache-2.0
"""The main job, shown on two real control planes. Run by ./demo."""
