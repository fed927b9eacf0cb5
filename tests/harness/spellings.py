# SPDX-License-Identifier: Apache-2.0
"""How a secret may be spelt where somebody left it."""

import base64


def spellings(secret: str) -> tuple[bytes, ...]:
    """Return a secret, of 16 characters at least, as text, in hex and in Base64."""
    plain = secret.encode()
    return (
        plain,
        secret.encode("utf-16-le"),
        plain.hex().encode(),
        # Without the ends, which depend on what stands beside it.
        *(base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3)),
    )
