# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.environment.item import Item, ItemId, differences, digest_of
from ephyrad.environment.kinds import Kind


def flavor(**fields: object) -> Item:
    return Item(Kind.FLAVOR, "7", "bm.gold", fields)


def test_an_item_id_is_read_back_from_its_text() -> None:
    ident = ItemId(Kind.KEYPAIR, "4f/my key/with slashes")

    assert ItemId.parse(str(ident)) == ident


@pytest.mark.parametrize("text", ["", "image", "image/", "picture/7"])
def test_what_names_no_item_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"names no item|is not a valid Kind"):
        ItemId.parse(text)


def test_the_order_of_fields_means_nothing_to_a_digest() -> None:
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": "1"})


def test_differences_are_named_by_their_paths() -> None:
    wanted = flavor(ram=64, extra_specs={"a": "1", "b": "2"}, disk=1)
    found = flavor(ram=64, extra_specs={"a": "1", "b": "3", "c": "4"}, swap=5)

    assert differences(wanted, found) == ("disk", "extra_specs/b", "extra_specs/c", "swap")


def test_equal_items_do_not_differ() -> None:
    assert differences(flavor(ram=64), flavor(ram=64)) == ()


def test_what_is_masked_does_not_differ() -> None:
    def template(args: object) -> Item:
        return Item(Kind.DEPLOY_TEMPLATE, "7", "CUSTOM_GOLD", {"steps": [{"args": args}]})

    wanted, found = template({"a": "hush", "b": 1}), template({"a": "******", "b": 1})

    assert differences(wanted, found) == ()
    assert differences(wanted, template({"a": "******", "b": 2})) == ("steps",)
    assert differences(flavor(a="hush"), flavor(a="******")) == ("a",)
