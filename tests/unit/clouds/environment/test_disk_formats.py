# SPDX-License-Identifier: Apache-2.0
import struct

import pytest

from ephyrad.clouds.environment.disk_formats import Inspection

NOISE = bytes(range(256)) * 400
QCOW2 = struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 0, 0, 16, 1 << 20) + bytes(70_000)
BACKED = struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 104, 4, 16, 1 << 20) + bytes(70_000)


def refusal(content: bytes, disk_format: str, container_format: str = "bare") -> str | None:
    inspection = Inspection(disk_format, container_format)
    for at in range(0, len(content), 999):
        inspection.see(content[at : at + 999])
    return inspection.refusal()


@pytest.mark.parametrize(
    ("content", "disk_format"),
    [
        (NOISE, "raw"),
        (QCOW2, "qcow2"),
        (QCOW2, "raw"),
        (NOISE, "ami"),
        (NOISE, "ploop"),
        (b"", "raw"),
    ],
)
def test_bytes_of_their_format_are_taken(content: bytes, disk_format: str) -> None:
    assert refusal(content, disk_format) is None


@pytest.mark.parametrize("disk_format", ["qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso"])
def test_bytes_of_no_format_are_raw(disk_format: str) -> None:
    assert refusal(NOISE, disk_format) == f"its disk_format is {disk_format}, and its bytes are raw"


def test_bytes_of_another_format_are_named() -> None:
    assert refusal(QCOW2, "vmdk") == "its disk_format is vmdk, and its bytes are qcow2"


def test_bytes_that_lead_to_a_file_of_the_host_are_unsafe() -> None:
    words = refusal(BACKED, "qcow2")

    assert words is not None
    assert "unsafe" in words
    assert "backing_file" in words


def test_what_is_in_a_container_is_not_looked_at() -> None:
    assert refusal(NOISE, "qcow2", "ovf") is None
