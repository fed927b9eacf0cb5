# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the documentation."""

import ephyrad

project = "ephyrad"
author = "The Ephyra developers"
copyright = author
release = version = ephyrad.__version__

extensions = ["oslo_config.sphinxext", "reno.sphinxext"]
exclude_patterns = ["_build", "_generated"]
highlight_language = "none"
nitpicky = True

html_theme = "alabaster"
html_theme_options = {
    "description": "Carries bare-metal nodes from an old OpenStack cloud to a new one",
    "fixed_sidebar": True,
}
html_static_path = ["_static"]
