"""The soak: days go by with faults, and growth is told as such."""

from pathlib import Path

import pytest

from benchmarks.soak import Held, Soaked, looks_at, soak


@pytest.mark.slow
def test_days_go_by_in_one_process(tmp_path: Path) -> None:
    done = soak(tmp_path, cycles=3, publish_every=2)
    assert done.statuses == {"ok": 9}
    assert [look.cycle for look in done.looks] == [1, 2, 3]
    assert all(look.resident and look.descriptors and look.threads and look.database for look in done.looks)
    assert (tmp_path / "remitwatch.prom").exists()


def test_it_is_looked_at_round_cycles() -> None:
    assert looks_at(1000) == (50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000)
    assert looks_at(1) == (1,)


@pytest.mark.parametrize(
    ("resident", "descriptors", "faults"),
    [
        ((100, 105, 110), (12, 12, 12), []),
        ((100, 105, 111), (12, 11, 12), ["memory grew by 11.0% (at most 10%)"]),
        ((100, 100, 100), (12, 13, 12), ["1 file descriptors more than at cycle 200"]),
    ],
)
def test_what_grows_is_named(resident: tuple[int, ...], descriptors: tuple[int, ...], faults: list[str]) -> None:
    early = Held(100, 50, 8, 1, 0)
    looks = [Held(200 + 100 * at, resident[at], descriptors[at], 1, 0) for at in range(3)]
    soaked = Soaked((early, *looks), {}, 0.0)
    assert soaked.faults(200) == faults
    assert soaked.slope(200) == (resident[-1] - resident[0]) / 200
