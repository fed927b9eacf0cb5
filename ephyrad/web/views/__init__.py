# SPDX-License-Identifier: Apache-2.0
"""What is on each page, made from the engine's answers: pure, and apart from how it is drawn."""
