# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.clouds.secrecy import secrets_in


@pytest.mark.parametrize(
    ("body", "secrets"),
    [
        (None, set()),
        ({"driver_info": {"redfish_password": "p4ss", "redfish_address": "bmc"}}, {"p4ss"}),
        ({"driver_info": {"ipmi_hex_kg_key": "00ff"}}, {"00ff"}),
        ({"driver_info": {"snmp_community": "public", "deploy_kernel": "k"}}, {"public"}),
        ({"properties": {"auth_password": "chap", "target_lun": 1}}, {"chap"}),
        ([{"op": "add", "path": "/x", "value": {"Secret": ["one", {"a": "two"}]}}], {"one", "two"}),
        ({"instance_info": {"configdrive": "H4sI"}}, {"H4sI"}),
        ({"password": 1234, "token": None, "secret": True, "api_key": "x"}, {"1234"}),
        ({"password": "it's"}, {"it's"}),
        ({"password": 'a"b\\c'}, {'a"b\\c', 'a"b\\\\c', 'a\\"b\\\\c'}),
        ({"password": "smörgås"}, {"smörgås", "sm\\u00f6rg\\u00e5s"}),
    ],
)
def test_secrets_are_what_is_called_one(body: object, secrets: set[str]) -> None:
    assert secrets_in(body) == secrets
