# SPDX-License-Identifier: Apache-2.0
"""The texts that ephyrad leaves on the old record, by which it knows its own work again."""

RETIRED = "ephyrad: being carried to the new cloud"
FENCED = "ephyrad: fenced, the new cloud takes over the BMC"
