# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_utils import strutils

from ephyrad.migration.document import MASK, Document, to_json, without_secrets
from ephyrad.migration.effects import PartKind

CANARY = "c4nary-9d1f"


def document(node: dict[str, Any] | None = None, **parts: tuple[dict[str, Any], ...]) -> Document:
    return Document(
        node={"uuid": "6fe3", "name": "metal-1", **(node or {})},
        parts={kind: parts.get(kind.name, ()) for kind in PartKind},
        traits=("CUSTOM_GOLD",),
        left_behind=("raid_config",),
    )


@pytest.mark.parametrize(
    "key",
    [
        "ipmi_password",
        "redfish_password",
        "snmp_auth_key",
        "snmp_priv_key",
        "snmp_community",
        "drac_PASSWORD",
        "sslkey",
        "auth_token",
        "chapsecret",
        "private_key",
        "ssh_passphrase",
    ],
)
def test_a_value_whose_key_names_a_secret_is_masked(key: str) -> None:
    wiped = without_secrets(document({"driver_info": {key: CANARY}}))

    assert wiped.node["driver_info"] == {key: MASK}


@pytest.mark.parametrize(
    "text",
    [
        f"http://admin:{CANARY}@images.example/kernel",
        f"nofb sshkey={CANARY} console=ttyS0",
        f"--password {CANARY}",
        f'{{"secret": "{CANARY}"}}',
    ],
)
def test_a_text_that_holds_a_secret_is_masked(text: str) -> None:
    wiped = without_secrets(document({"driver_info": {"kernel_append_params": text}}))

    assert wiped.node["driver_info"] == {"kernel_append_params": MASK}


def test_secrets_deep_inside_and_of_every_part_are_masked() -> None:
    full = document(
        {
            "extra": {"bmc": [{"spare": {"password": CANARY}}]},
            "driver_info": {"credentials": {"user": "u", "word": CANARY}},
        },
        TARGET=({"uuid": "t", "properties": {"auth_password": CANARY, "target_lun": 1}},),
        PORT=({"uuid": "p", "extra": {"secret": CANARY}},),
        PORTGROUP=({"uuid": "g", "properties": {"token": [CANARY]}},),
        CONNECTOR=({"uuid": "c", "extra": {"private_key": CANARY}},),
    )

    wiped = without_secrets(full)

    assert CANARY not in str(to_json(wiped))
    assert wiped.parts[PartKind.TARGET] == (
        {"uuid": "t", "properties": {"auth_password": MASK, "target_lun": 1}},
    )


def test_what_is_no_secret_stays() -> None:
    plain = document(
        {
            "driver": "redfish",
            "driver_info": {
                "redfish_address": "https://10.0.0.7:8000",
                "redfish_username": "admin",
                "redfish_system_id": "/redfish/v1/Systems/1",
                "redfish_verify_ca": False,
                "deploy_kernel": "8b3a4b64-2c8a-4bd0-a9a5-3f6e7d0c7c11",
                "ipmi_port": 623,
                "ipmi_password": None,
            },
            "properties": {"cpus": 8, "capabilities": "boot_mode:uefi"},
        },
        PORT=({"uuid": "p", "address": "52:54:00:00:00:01", "pxe_enabled": True},),
    )

    assert without_secrets(plain) == plain


def test_the_document_given_is_left_as_it_is() -> None:
    full = document({"driver_info": {"ipmi_password": CANARY}})

    without_secrets(full)

    assert full.node["driver_info"] == {"ipmi_password": CANARY}


KEYS = st.one_of(
    st.sampled_from(sorted(strutils._SANITIZE_KEYS)).map(lambda word: f"ipmi_{word}"),
    st.sampled_from(["address", "port", "level"]),
)
TEXTS = st.one_of(
    st.just("plain"),
    st.builds(
        lambda word, shape: shape.format(word),
        st.sampled_from(sorted(strutils._SANITIZE_KEYS)),
        st.sampled_from(
            [
                "{} = hunter2",
                "a {}='hunter2' b",
                '"{}" : "hunter2"',
                "--{} hunter2",
                "<{}>hunter2</{}>".replace("{}", "{0}"),
                "{} 'hunter2'",
                "x{}1=hunter2",
            ]
        ),
    ),
)
TREES = st.dictionaries(
    KEYS,
    st.recursive(TEXTS, lambda below: st.lists(below) | st.dictionaries(KEYS, below), max_leaves=8),
)


@given(TREES)
def test_everything_is_masked_that_ironics_own_rule_masks(info: dict[str, Any]) -> None:
    wiped = without_secrets(document({"driver_info": info})).node["driver_info"]

    assert not _shown(strutils.mask_dict_password(info, MASK), info, wiped)


def _shown(by_ironic: Any, given: Any, by_us: Any) -> list[Any]:
    """The values that Ironic hides and we show."""
    if by_us == MASK or by_ironic == given:
        return []
    if isinstance(given, dict):
        return [shown for key in given for shown in _shown(by_ironic[key], given[key], by_us[key])]
    if isinstance(given, list):
        return [
            shown
            for at in range(len(given))
            for shown in _shown(by_ironic[at], given[at], by_us[at])
        ]
    return [given]
