# SPDX-License-Identifier: Apache-2.0
"""Public keys, certificates and bytes for tests, of nobody's."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID


def ssh(comment: str) -> str:
    """A public key as `ssh-keygen -t ed25519` would write it."""
    public = Ed25519PrivateKey.generate().public_key()
    text = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{text} {comment}"


def certificate(name: str) -> str:
    """A self-signed certificate, in PEM."""
    key = _signer()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(Encoding.PEM).decode()


def noise(seed: str, size: int) -> bytes:
    """So many bytes that no store can compress, the same for the same seed."""
    return hashlib.shake_256(seed.encode()).digest(size)


def blocks(seed: str, mib: int) -> Iterator[bytes]:
    """Give so many MiB in blocks of one, each another; to make one costs next to nothing."""
    block = noise(seed, 1 << 20)
    return (number.to_bytes(8, "big") + block[8:] for number in range(mib))


@cache
def _signer() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())
