# SPDX-License-Identifier: Apache-2.0
"""Floor 3: the web page. `views` says what is on it, `templates` how, `page` when and for whom."""
