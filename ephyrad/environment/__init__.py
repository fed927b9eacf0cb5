# SPDX-License-Identifier: Apache-2.0
"""What nodes and their instances need of a cloud, and what is to be carried of it. Pure."""
