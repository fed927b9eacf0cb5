# SPDX-License-Identifier: Apache-2.0
"""keystone.conf."""

from tests.lab.configuration import baseline
from tests.lab.configuration.ini import Sections, merge
from tests.lab.ports import Cloud
from tests.lab.settings import Settings


def keystone(settings: Settings, cloud: Cloud) -> Sections:
    data = settings.data / cloud / "keystone"
    base = baseline.sections(settings, cloud, "keystone")
    del base["keystone_authtoken"]
    return merge(
        base,
        {
            "DEFAULT": {"max_token_size": "300"},
            "token": {"provider": "fernet", "expiration": "86400"},
            "fernet_tokens": {"key_repository": f"{data}/fernet"},
            "credential": {"key_repository": f"{data}/credential"},
            "fernet_receipts": {"key_repository": f"{data}/fernet"},
            # cheap hashing: service users authenticate often, and nothing here is secret
            "identity": {"password_hash_rounds": "4"},
            "cache": {"enabled": "true", "backend": "oslo_cache.dict"},
        },
    )
