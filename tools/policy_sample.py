# SPDX-License-Identifier: Apache-2.0
"""Prints the sample of the policy file."""

from oslo_policy import generator

if __name__ == "__main__":
    generator.generate_sample(["--namespace=ephyrad"])
