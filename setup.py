# SPDX-License-Identifier: Apache-2.0
"""The package is described in setup.cfg; pbr reads it."""

import setuptools

setuptools.setup(setup_requires=["pbr>=7.0"], pbr=True)
