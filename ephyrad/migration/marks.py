# SPDX-License-Identifier: Apache-2.0
"""The texts that ephyrad leaves on records, by which it knows its own work again."""

RETIRED = "ephyrad: being carried to the new cloud"
FENCED = "ephyrad: fenced, the new cloud takes over the BMC"
SHIELDED = "ephyrad: kept from schedulers until automated_clean is set back"
