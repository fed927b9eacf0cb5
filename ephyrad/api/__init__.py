# SPDX-License-Identifier: Apache-2.0
"""Floor 3: the HTTP API on a unix socket, over the engine's operations. Flask lives only here."""
