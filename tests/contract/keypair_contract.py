# SPDX-License-Identifier: Apache-2.0
"""What is relied on of key pairs, as tests that every cloud's environment passes."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ephyrad.clouds.environment.port import Collection
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Refused
from tests.contract.environment_stage import EnvironmentStage
from tests.contract.keys import CERTIFICATE, KEYS

MD5 = "fe:5a:a6:db:47:c3:2d:7d:23:c2:3f:2a:e7:10:d2:9e"
SHA1 = "d5:57:6f:cf:36:2b:3f:30:6b:96:42:35:ff:f2:df:be:cd:af:44:4f"
QUOTA = 100


class Keys:
    """The key pairs of one test."""

    def __init__(self, stage: EnvironmentStage) -> None:
        self._keypairs = stage.collection(Kind.KEYPAIR)
        self._user = stage.user
        self._made: list[str] = []

    def item(self, name: str | None = None, public_key: str = KEYS[0], user: str = "") -> Item:
        """Return a key pair as it is to be created."""
        user, name = user or self._user, name or f"contract-{uuid.uuid4().hex[:8]}"
        fields = {"user_id": user, "name": name, "type": "ssh", "public_key": public_key}
        item = Item(Kind.KEYPAIR, f"{user}/{name}", name, fields)
        self._made.append(item.key)
        return item

    def make(self, name: str | None = None, public_key: str = KEYS[0], user: str = "") -> Item:
        """Create a key pair, and return how it is found."""
        item = self.item(name, public_key, user)
        assert self._keypairs.create(item) == Done()
        found = self._keypairs.item(item.key)
        assert found is not None
        return found

    def remove_all(self) -> None:
        for key in self._made:
            assert self._keypairs.delete(key) == Done()


class KeypairContract:
    """The suite; whoever runs it gives the fixture `stage`."""

    @pytest.fixture
    def keypairs(self, stage: EnvironmentStage) -> Collection:
        return stage.collection(Kind.KEYPAIR)

    @pytest.fixture
    def keys(self, stage: EnvironmentStage) -> Iterator[Keys]:
        keys = Keys(stage)
        yield keys
        keys.remove_all()

    def test_a_key_pair_is_found_as_it_was_created(self, keypairs: Collection, keys: Keys) -> None:
        for public_key in KEYS:
            item = keys.item(public_key=public_key)
            assert keypairs.create(item) == Done()

            found = keypairs.item(item.key)

            assert found is not None
            assert (found.key, found.name, found.mark) == (item.key, item.name, None)
            assert found.trouble is None
            assert item.fields.items() <= found.fields.items()
            assert found.fields.keys() - item.fields.keys() == {"fingerprint"}
            assert [each for each in keypairs.items() if each.key == item.key] == [found]

    def test_both_clouds_have_one_opinion_of_fingerprints(
        self, keypairs: Collection, keys: Keys
    ) -> None:
        ssh = keys.make()
        item = keys.item(public_key=CERTIFICATE)
        item = replace(item, fields={**item.fields, "type": "x509"})

        assert keypairs.create(item) == Done()

        x509 = keypairs.item(item.key)
        assert x509 is not None
        assert (ssh.fields["fingerprint"], x509.fields["fingerprint"]) == (MD5, SHA1)

    @pytest.mark.parametrize(
        "name", ["contract-a b", "contract-a.json", "contract-@x", "contract-_-", "contract-%41"]
    )
    def test_a_name_is_taken_by_both_or_refused_in_words(
        self, keypairs: Collection, keys: Keys, name: str
    ) -> None:
        item = keys.item(name)

        outcome = keypairs.create(item)

        if "%" in name:
            assert isinstance(outcome, Refused)
            assert outcome.status == 400
            assert name in outcome.message or "Only expected characters" in outcome.message
        else:
            assert outcome == Done()
            found = keypairs.item(item.key)
            assert found is not None
            assert found.trouble is None

    @pytest.mark.parametrize(
        "name", [" contract-x", "contract-x ", "contract-ä", "contract-a/b", "n" * 256]
    )
    def test_no_such_name_is_taken(self, keypairs: Collection, keys: Keys, name: str) -> None:
        outcome = keypairs.create(keys.item(name))

        assert isinstance(outcome, Refused)
        assert outcome.status == 400
        assert "******" not in outcome.message

    def test_a_name_is_taken_once(self, keypairs: Collection, keys: Keys) -> None:
        found = keys.make()

        outcome = keypairs.create(keys.item(found.name, KEYS[1]))

        assert outcome == Refused(409, f"Key pair '{found.name}' already exists.")
        assert keypairs.item(found.key) == found

    def test_a_name_in_other_letters_is_taken_and_is_nobody(
        self, keypairs: Collection, keys: Keys
    ) -> None:
        found = keys.make()
        other = keys.item(found.name.upper())

        assert keypairs.create(other) == Refused(409, f"Key pair '{other.name}' already exists.")
        assert keypairs.item(other.key) is None
        assert keypairs.delete(other.key) == Done()
        assert keypairs.item(found.key) == found

    def test_what_is_no_key_is_refused(self, keypairs: Collection, keys: Keys) -> None:
        outcome = keypairs.create(keys.item(public_key="ssh-rsa garbage"))

        words = "Keypair data is invalid: failed to generate fingerprint"
        assert outcome == Refused(400, words)

    def test_a_key_is_put_in_the_place_of_another(self, keypairs: Collection, keys: Keys) -> None:
        found = keys.make()

        assert keypairs.amend(keys.item(found.name, KEYS[1]), found) == Done()

        now = keypairs.item(found.key)
        assert now is not None
        assert now.fields["public_key"] == KEYS[1]

    def test_what_is_no_key_takes_no_others_place(self, keypairs: Collection, keys: Keys) -> None:
        found = keys.make()

        outcome = keypairs.amend(keys.item(found.name, "garbage"), found)

        assert isinstance(outcome, Refused)
        assert keypairs.item(found.key) == found

    def test_a_key_pair_is_deleted_once_and_again(self, keypairs: Collection, keys: Keys) -> None:
        found = keys.make()

        assert keypairs.delete(found.key) == Done()
        assert keypairs.delete(found.key) == Done()

        assert keypairs.item(found.key) is None
        assert found not in keypairs.items()

    def test_what_somebody_else_does_is_seen(
        self, stage: EnvironmentStage, keypairs: Collection, keys: Keys
    ) -> None:
        item = keys.item()
        assert item.key not in {each.key for each in keypairs.items()}

        stage.said("POST", "/os-keypairs", {"keypair": dict(item.fields)})
        assert item.key in {each.key for each in keypairs.items()}

        stage.said("DELETE", f"/os-keypairs/{item.name}?user_id={stage.user}")
        assert item.key not in {each.key for each in keypairs.items()}

    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_a_list_in_pages_is_whole(
        self, stage: EnvironmentStage, keypairs: Collection, keys: Keys, count: int
    ) -> None:
        made = [keys.make() for _ in range(count)]

        listed = stage.paged.collections[Kind.KEYPAIR].items()

        assert [each.key for each in listed] == [each.key for each in keypairs.items()]
        assert all(each in listed for each in made)

    def test_nova_asks_nobody_whether_there_is_such_a_user(
        self, keypairs: Collection, keys: Keys
    ) -> None:
        found = keys.make(user=f"contract-{uuid.uuid4().hex}")

        assert found.key not in {each.key for each in keypairs.items()}

    @pytest.mark.parametrize(
        "key", ["/", "/contract-x", "contract-nobody/contract-x", "contract-nobody/"]
    )
    def test_a_key_that_names_nothing_is_nothing(self, keypairs: Collection, key: str) -> None:
        assert keypairs.item(key) is None
        assert keypairs.delete(key) == Done()

    def test_a_user_has_a_quota(
        self, stage: EnvironmentStage, keypairs: Collection, keys: Keys
    ) -> None:
        user = f"contract-{uuid.uuid4().hex}"
        for number in range(QUOTA):
            body = dict(keys.item(f"contract-{number}", user=user).fields)
            stage.said("POST", "/os-keypairs", {"keypair": body})

        outcome = keypairs.create(keys.item(user=user))

        assert outcome == Refused(403, "Quota exceeded, too many key pairs.")
