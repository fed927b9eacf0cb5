# SPDX-License-Identifier: Apache-2.0
"""What Prometheus is told: it only looks, and decides nothing."""
