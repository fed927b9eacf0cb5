# SPDX-License-Identifier: Apache-2.0
"""Floor 1: the clouds' notification buses. oslo.messaging and kombu live only here."""
