# SPDX-License-Identifier: Apache-2.0
"""The benchmark: what ephyrad costs beside the cheapest that does the same, in one run."""
