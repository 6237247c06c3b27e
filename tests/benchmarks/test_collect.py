"""The load that collecting is measured with: faults pass by themselves, a dead host costs only its own prices."""

from pathlib import Path

import pytest

from benchmarks.collect import Load, measure
from benchmarks.collect_pages import PRICES, parse_costs

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("dead", "quotes", "statuses"), [(0, 40, {"ok": 4}), (1, 30, {"ok": 3, "failed": 1})])
def test_every_quote_comes_in_spite_of_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dead: int, quotes: int, statuses: dict[str, int]
) -> None:
    monkeypatch.setattr("benchmarks.collect.DEADLINE", 1.0)
    done = measure(Load(quotes=40, hosts=4, latency=0.001, faults=10, pause=0, dead=dead), tmp_path)
    assert (done.quotes, done.statuses) == (quotes, statuses)
    assert done.cpu > 0
    assert done.peak > 0


def test_the_floor_is_what_one_host_needs() -> None:
    assert Load(quotes=2000, hosts=20, latency=0.05, faults=1, pause=0.25).floor == 100 * (0.05 + 0.25)


def test_pages_are_read_alike_by_every_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.collect_pages._SECONDS", 0.0)
    lines = parse_costs()
    assert f"{PRICES} values" in lines[0]
    assert any("selectolax" in line for line in lines)
