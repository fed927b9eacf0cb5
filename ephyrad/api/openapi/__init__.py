# SPDX-License-Identifier: Apache-2.0
"""What the HTTP API says of itself: an OpenAPI document, made from the types that it answers."""
