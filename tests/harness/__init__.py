# SPDX-License-Identifier: Apache-2.0
"""What the functional tests and the demo share: the real daemon over the lab's two clouds."""
