# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a file of secrets. No message ever holds a part of a secret."""


class SecretsError(Exception):
    """A key file or credentials file cannot be used; the message names it and the cure."""


class UndecipherableError(SecretsError, ValueError):
    """Something was not encrypted with any of the keys at hand, or was changed since."""
