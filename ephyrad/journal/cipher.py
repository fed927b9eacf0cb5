# SPDX-License-Identifier: Apache-2.0
"""What the journal asks of whoever encrypts its secrets."""

from typing import Protocol


class Cipher(Protocol):
    """Encrypts and authenticates."""

    def encrypt(self, plain: bytes) -> bytes:
        """Return the ciphertext of `plain`."""

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Return what was encrypted.

        :raises ValueError: it was changed, or encrypted with a key that is not at hand.
        """
