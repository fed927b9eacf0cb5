# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the configuration."""


class ConfigurationError(Exception):
    """The configuration cannot work: one line that names the option, its place and the cure."""
