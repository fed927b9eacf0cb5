# SPDX-License-Identifier: Apache-2.0
"""Prints the OpenAPI document of the HTTP API."""

import json

from ephyrad.api.openapi.document import document

if __name__ == "__main__":
    print(json.dumps(document(), indent=1))
