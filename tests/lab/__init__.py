# SPDX-License-Identifier: Apache-2.0
"""The lab: two real OpenStack control planes as plain processes on 127.0.0.1.

Run ``python3 -m tests.lab --help`` from the top of the checkout; docs/lab.rst tells the rest.
"""
