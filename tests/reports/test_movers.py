"""Movers are told with their reasons: fee, margin, services that came or left, another mix."""

import dataclasses
from decimal import Decimal

import pandas as pd
import pytest

from reports import movers
from reports.inputs import MOVE_COLUMNS
from tests.reports.made_up import edition

PARTS = ("fee", "margin", "entry", "exit", "mix")


def move(sender="GBR", receiver="IND", *, before="6.0", parts=("-2", "-1", "0", "0", "0"), services=(7, 7), **changes):
    told = {name: None if parts is None else Decimal(part) for name, part in zip(PARTS, parts or PARTS, strict=True)}
    now = Decimal(before) + sum(part or 0 for part in told.values())
    return {
        "scope": "corridor", "sender": sender, "receiver": receiver, "region": None, "from": "2025-Q3",
        "average_from": Decimal(before), "average_to": now, "change": now - Decimal(before), **told,
        "services_from": services[0], "services_to": services[1], "continuing": min(services), "entered": 1, "left": 2,
        "flags": (),
    } | changes  # fmt: skip


def data(*moves):
    (basis, *_) = edition(bases=("survey",), corridors=("GBR-IND",)).bases
    return dataclasses.replace(basis, moves=pd.DataFrame(list(moves), columns=list(MOVE_COLUMNS)))


def only(*moves):
    cheaper, dearer = movers.movers(data(*moves))
    (one,) = cheaper + dearer
    return one


@pytest.mark.parametrize(
    ("parts", "reason", "words"),
    [
        (("-2", "-1", "0", "0", "0"), "fee", "Fees fell 2.0 points and the margin 1.0; services quoted both times: 7."),
        (("0.01", "-1", "0", "0", "0"), "margin",
         "The margin fell 1.0 points, fees did not move; services quoted both times: 7."),
        (("0", "0", "1.2", "0", "0"), "entry",
         "Fees and margin did not move; services quoted both times: 7. 1 service is new, which added 1.2 points."),
        (("0", "0.2", "0", "-1.2", "0"), "exit",
         "The margin rose 0.2 points, fees did not move; services quoted both times: 7. "
         "2 services left, which took off 1.2 points."),
        (("0", "0", "0", "0", "-3"), "mix",
         "Fees and margin did not move; services quoted both times: 7. "
         "Another mix of provider types took off 3.0 points."),
        (("-0.01", "-0.045", "0", "0", "0"), "margin",
         "Fees and margin together fell 0.1 points; services quoted both times: 7."),
        (("1", "1", "1", "-0.8", "0"), "several",
         "Fees rose 1.0 points and the margin 1.0; services quoted both times: 7. "
         "1 service is new, which added 1.0 points. 2 services left, which took off 0.8 points."),
    ],
)  # fmt: skip
def test_the_reason_is_the_part_that_is_half_of_all_movement(parts, reason, words):
    one = only(move(parts=parts))
    assert (one.reason, movers.explained(one)) == (reason, words)


def test_a_change_without_services_in_common_says_so():
    told = move(parts=None, average_to=Decimal(9), flags=("nothing_in_common",))
    one = only(told)
    assert (one.reason, one.change, one.parts) == ("nothing_in_common", Decimal(3), {})
    assert movers.explained(one) == "No service was quoted both times, so what changed is the make-up."


@pytest.mark.parametrize(
    ("changes", "listed"),
    [
        ({"services": (3, 8)}, True),
        ({"services": (3, 9)}, False),
        ({"services": (2, 5)}, False),
        ({"services": (5, 2)}, False),
        ({"parts": ("-0.04", "0", "0", "0", "0")}, False),
        ({"average_to": None}, False),
    ],
)
def test_movers_need_three_services_at_both_times_about_as_many_and_a_printed_change(changes, listed):
    cheaper, dearer = movers.movers(data(move(**changes)))
    assert (len(cheaper) + len(dearer) == 1) is listed


def test_the_largest_change_comes_first():
    cheaper, dearer = movers.movers(
        data(
            move(receiver="IND", parts=("-1", "0", "0", "0", "0")),
            move(receiver="PAK", parts=("-2", "0", "0", "0", "0")),
            move(receiver="NGA", parts=("1", "0", "0", "0", "0")),
        )
    )
    assert [one.place[2] for one in cheaper] == ["PAK", "IND"]
    assert [one.place[2] for one in dearer] == ["NGA"]


def test_the_change_of_everything_is_taken_apart_too():
    world = move(None, None, scope="world", parts=("-0.3", "0.1", "0.2", "-0.1", "0.05"))
    made = data(world)
    one = movers.world_move(made, "2025-Q3")
    assert (one.fee + one.margin, one.others) == (Decimal("-0.2"), Decimal("0.15"))
    assert movers.world_move(made, "2025-Q2") is None
    assert movers.since(made) == "2025-Q3"
    assert movers.since(data()) is None
