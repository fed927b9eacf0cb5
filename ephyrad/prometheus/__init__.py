# SPDX-License-Identifier: Apache-2.0
"""The operator's Prometheus, which is asked questions."""
