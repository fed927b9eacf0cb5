# SPDX-License-Identifier: Apache-2.0
"""docs/reference/metrics.rst has every metric, and no other."""

import re
from pathlib import Path

from tests.unit.metrics.samples import all_metrics

TEXT = (Path(__file__).parents[3] / "docs/reference/metrics.rst").read_text()


def test_every_metric_is_documented_and_no_other(tmp_path: Path) -> None:
    terms = re.findall(r"^(``.*``)\n   \S", TEXT, re.MULTILINE)
    documented = {name for term in terms for name in re.findall(r"``(\w+)``", term)}

    assert documented == set(all_metrics(tmp_path))


def test_the_type_of_each_is_documented(tmp_path: Path) -> None:
    kinds = all_metrics(tmp_path)

    for name, kind in kinds.items():
        if name.startswith("ephyrad_"):
            says = re.search(rf"^``{name}``\n((?:   .*\n)+)", TEXT, re.MULTILINE)
            assert says is not None
            word = {"counter": "Counter", "histogram": "Histogram"}.get(kind, "Gauge")
            assert word in says[1] or name == "ephyrad_build_info", name


def test_names_follow_the_conventions_of_prometheus(tmp_path: Path) -> None:
    for name, kind in all_metrics(tmp_path).items():
        assert name.endswith("_total") == (kind == "counter")
        assert re.fullmatch(r"[a-z][a-z_]+[a-z]", name)
