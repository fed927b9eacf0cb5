# SPDX-License-Identifier: Apache-2.0
"""The colours of pages, light and dark, and how charts use them."""

COLOURS = """
:root { color-scheme: light dark; --page: #fbfbf9; --card: #ffffff; --ink: #1d2327; --soft: #5f6b73;
  --line: #dfe3e4; --bar: #2f6f8f; --bad: #a8321e; --good: #2c6e49; }
@media (prefers-color-scheme: dark) { :root { --page: #14181a; --card: #1c2225; --ink: #e4e8ea;
  --soft: #9aa7ae; --line: #323b40; --bar: #6fb3d2; --bad: #f09a86;
  --good: #84cfa4; } }
"""

CHARTS = """
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .soft { fill: var(--soft); }
svg .bar { fill: var(--bar); }
svg .thick { stroke: var(--bar); stroke-width: 7; stroke-opacity: .45; }
svg .thin { stroke: var(--bar); stroke-width: 1.5; }
svg .axis { stroke: var(--line); }
svg .area { fill: var(--bar); fill-opacity: .16; }
svg .line { fill: none; stroke: var(--bar); stroke-width: 2.25; }
svg .plan { fill: none; stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 6 4; }
svg .outlook { fill: none; stroke: var(--bar); stroke-width: 1.75; stroke-dasharray: 1.5 4;
  stroke-linecap: round; }
svg .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 2 3; }
"""
