# SPDX-License-Identifier: Apache-2.0
"""Floor 3: the commands of `ephyra` as a plugin of python-openstackclient."""
