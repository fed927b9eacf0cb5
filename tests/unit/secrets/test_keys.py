# SPDX-License-Identifier: Apache-2.0
import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ephyrad.secrets.errors import SecretsError, UndecipherableError
from ephyrad.secrets.keys import KeyRing

PLAIN = b"a BMC password"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.key"


def private(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def test_a_key_file_is_made_on_first_start_for_its_user_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        ring = KeyRing.open(path)
    finally:
        os.umask(old)

    assert len(ring) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_same_file_opens_what_it_closed(path: Path) -> None:
    ciphertext = KeyRing.open(path).encrypt(PLAIN)

    assert PLAIN not in ciphertext
    assert KeyRing.open(path).decrypt(ciphertext) == PLAIN


def test_many_that_start_at_once_agree_on_one_key(path: Path) -> None:
    barrier = threading.Barrier(8)
    rings: list[KeyRing] = []

    def start() -> None:
        barrier.wait()
        rings.append(KeyRing.open(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [ring.decrypt(rings[0].encrypt(PLAIN)) for ring in rings] == [PLAIN] * 8


def test_what_was_changed_or_is_of_other_keys_is_not_opened(path: Path, tmp_path: Path) -> None:
    ring = KeyRing.open(path)
    ciphertext = ring.encrypt(PLAIN)
    changed = ciphertext[:20] + bytes([ciphertext[20] ^ 1]) + ciphertext[21:]

    for bad in (changed, b"", KeyRing.open(tmp_path / "other").encrypt(PLAIN)):
        with pytest.raises(UndecipherableError, match=r"no key of .*journal\.key fits"):
            ring.decrypt(bad)
    assert issubclass(UndecipherableError, ValueError)


def test_the_first_key_encrypts_and_all_decrypt(path: Path) -> None:
    first, second = Fernet.generate_key(), Fernet.generate_key()
    private(path, b"# a remark\n\n" + first + b"\n  " + second + b"  \r\n")

    ring = KeyRing.open(path)

    assert Fernet(first).decrypt(ring.encrypt(PLAIN)) == PLAIN
    assert ring.decrypt(Fernet(second).encrypt(PLAIN)) == PLAIN


def test_rotation_puts_a_new_key_first_and_keeps_the_others(path: Path) -> None:
    ring = KeyRing.open(path)
    before = ring.encrypt(PLAIN)
    old = path.read_bytes().splitlines()[-1]

    ring.rotate()

    after = ring.encrypt(PLAIN)
    assert len(ring) == len(KeyRing.open(path)) == 2
    assert [ring.decrypt(before), ring.decrypt(after)] == [PLAIN, PLAIN]
    assert KeyRing.open(path).decrypt(after) == PLAIN
    assert path.read_bytes().splitlines()[-1] == old
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_retired_keys_open_nothing(path: Path) -> None:
    ring = KeyRing.open(path)
    before = ring.encrypt(PLAIN)
    ring.rotate()
    after = ring.encrypt(PLAIN)

    ring.retire()

    for each in (ring, KeyRing.open(path)):
        assert each.decrypt(after) == PLAIN
        with pytest.raises(UndecipherableError):
            each.decrypt(before)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_a_key_file_of_others_is_refused(path: Path, mode: int) -> None:
    KeyRing.open(path)
    path.chmod(mode)

    with pytest.raises(SecretsError) as caught:
        KeyRing.open(path)

    assert str(caught.value) == (
        f"key file {path}: others may read it (mode {mode:04o}): chmod 600"
    )


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a remark\n"])
def test_an_empty_key_file_is_refused(path: Path, content: bytes) -> None:
    private(path, content)

    with pytest.raises(SecretsError, match=r"journal\.key: it holds no key: restore it"):
        KeyRing.open(path)

    assert path.read_bytes() == content


KEY = Fernet.generate_key()


@pytest.mark.parametrize(
    "bad",
    [KEY[:-1], KEY[:20], KEY + KEY, b"hunter2-hunter2", b"\xff\xfe" + KEY, b"!" * 44],
    ids=["cut", "half", "double", "word", "binary", "signs"],
)
def test_a_damaged_key_file_is_refused_without_repeating_it(path: Path, bad: bytes) -> None:
    private(path, KEY + b"\n" + bad + b"\n")

    with pytest.raises(SecretsError, match=r"journal\.key, line 2: this is no key") as caught:
        KeyRing.open(path)

    whole = str(caught.getrepr(showlocals=False, chain=True))
    assert str(bad)[2:-1] not in str(caught.value)
    assert caught.value.__context__ is None
    assert KEY.decode() not in whole


def test_a_place_where_no_key_file_can_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match=r"missing/key: No such file or directory: let ephyrad"):
        KeyRing.open(tmp_path / "missing" / "key")


def test_a_directory_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="Is a directory"):
        KeyRing.open(tmp_path)


def test_a_link_to_nowhere_is_not_a_first_start(path: Path) -> None:
    path.symlink_to("nowhere")

    with pytest.raises(SecretsError, match="No such file or directory"):
        KeyRing.open(path)


def test_keys_are_not_shown(path: Path) -> None:
    ring = KeyRing.open(path)

    assert repr(ring) == f"KeyRing({str(path)!r}, keys=1)"


def test_a_key_file_that_another_start_could_use_is_no_trouble(path: Path) -> None:
    ring = KeyRing.open(path)
    assert ring.trouble() is None

    ring.rotate()
    assert ring.trouble() is None

    ring.retire()
    assert ring.trouble() is None


def test_a_key_file_that_is_gone_or_of_others_is_told(path: Path) -> None:
    ring = KeyRing.open(path)

    path.chmod(0o644)
    assert "others may read it" in str(ring.trouble())
    path.unlink()
    assert f"key file {path} is gone: restore it from a backup" in str(ring.trouble())
    KeyRing.open(path)
    assert "has not the key that is in use" in str(ring.trouble())
    private(path, b"")
    assert "it holds no key" in str(ring.trouble())
    path.unlink()
    path.mkdir()
    assert "let ephyrad's user read it" in str(ring.trouble())
