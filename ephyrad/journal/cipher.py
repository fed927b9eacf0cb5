# SPDX-License-Identifier: Apache-2.0
"""What the journal asks of whoever encrypts its secrets."""

from typing import Protocol


class Cipher(Protocol):
    """Encrypts with the first of its keys; opens, and proves unchanged, with any of them."""

    def encrypt(self, plain: bytes) -> bytes:
        """Return the ciphertext of `plain`."""

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Return what was encrypted.

        :raises ValueError: it was changed, or encrypted with a key that is not at hand.
        """

    def trouble(self) -> str | None:
        """Return why another start could not open what is encrypted now, None where it could."""

    def rotate(self) -> None:
        """Put a new key before the others, durably."""

    def retire(self) -> None:
        """Forget all keys but the first, durably."""
