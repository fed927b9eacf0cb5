# SPDX-License-Identifier: Apache-2.0
"""The simulated clouds over HTTP: :class:`ephyrad.testing.http.server.SimulatedServer`.

It speaks the part of the APIs of Keystone, Ironic, Nova, placement and Glance that ephyrad uses,
as 2023.1 and 2026.2 were observed to. It only translates: what happens is decided by
:class:`ephyrad.testing.cloud.SimulatedCloud`, and the two are never of different opinions.
"""
