# SPDX-License-Identifier: Apache-2.0
"""Reclaim messages: CI says which nodes nobody needs any more. They only nominate."""
