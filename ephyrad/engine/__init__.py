# SPDX-License-Identifier: Apache-2.0
"""Floor 2: the engine. It takes nodes' turns and keeps the order of intent, effect, outcome."""
