# SPDX-License-Identifier: Apache-2.0
"""Floor 3: what the report and the web page share to draw by: colours, and charts as SVG."""
