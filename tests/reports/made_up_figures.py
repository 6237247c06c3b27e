"""The figures of a made-up edition, computed plainly from its services."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

AS_OF = dt.datetime(2026, 10, 30, 6, 0, tzinfo=dt.UTC)


def figures_of(made: list[dict[str, Any]], basis: str, period: str) -> list[dict[str, Any]]:
    rows = []
    for tier in (200, 500):
        counted = [row for row in made if row["tier"] == tier and row["transparent"] and "stale" not in row["flags"]]
        places: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in counted:
            for place in (
                ("world", None, None, None),
                ("corridor", row["sender"], row["receiver"], None),
                ("region", None, None, row["region"]),
                ("receiver", None, row["receiver"], None),
                ("sender", row["sender"], None, None),
            ):
                places[place].append(row)
        smarts = {}
        for place, members in places.items():
            for code, column in (
                ("average_total_cost", "total_e8"),
                ("average_fee", "fee_e8"),
                ("average_fx_margin", "margin_e8"),
            ):
                rows.append(_row(code, place, period, tier, basis, _mean([row[column] for row in members]), members))
            if place[0] == "corridor":
                best = sorted(row["total_e8"] for row in members)[:3]
                flags = ("fewer_than_three",) if len(best) < 3 else ()
                smarts[place] = (_mean(best), flags)
                rows.append(_row("smart", place, period, tier, basis, _mean(best), members, flags))
        world = ("world", None, None, None)
        averages = {
            place: _mean([row["total_e8"] for row in members])
            for place, members in places.items()
            if place[0] == "corridor"
        }
        for limit in (3, 5, 7, 10):
            share = Decimal(sum(value < limit for value in averages.values())) / len(averages) * 100
            rows.append(_row(f"share_corridors_below_{limit}", world, period, tier, basis, share, counted))
        if tier == 200:
            rows += _breakdowns(places, period, basis)
        judged = [value for value, flags in smarts.values() if not flags]
        rows.append(_row("smart", world, period, tier, basis, sum(judged, Decimal(0)) / len(judged), counted))
        rows.append(
            _row(
                "share_corridors_smart_above_5",
                world,
                period,
                tier,
                basis,
                Decimal(sum(value > 5 for value in judged)) / len(judged) * 100,
                counted,
            )
        )
        quick = [row for row in counted if row["speed"] == "within_hour"]
        rows.append(
            _row(
                "share_services_within_hour",
                world,
                period,
                tier,
                basis,
                Decimal(len(quick)) / len(counted) * 100,
                counted,
            )
        )
    return rows


def _breakdowns(places: dict[tuple[Any, ...], list[dict[str, Any]]], period: str, basis: str) -> list[dict[str, Any]]:
    rows = []
    for place, members in places.items():
        for breakdown in ("provider_type", "payment_instrument", "speed") if place[0] in ("world", "corridor") else ():
            groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in members:
                for group in row[breakdown].split("+"):
                    groups[group].append(row)
            for group, part in groups.items():
                for code, column in PARTS:
                    value = _mean([row[column] for row in part])
                    row = _row(code, place, period, 200, basis, value, part)
                    of_group = {"breakdown": breakdown, "group": group, "id": f"{row['id']}:{breakdown}:{group}"}
                    rows.append({**row, **of_group})
    return rows


PARTS = (("average_total_cost", "total_e8"), ("average_fee", "fee_e8"), ("average_fx_margin", "margin_e8"))


def _mean(values: list[float]) -> Decimal:
    return sum((Decimal(int(value)) for value in values), Decimal(0)).scaleb(-8) / len(values)


def _row(
    code: str,
    place: tuple[Any, ...],
    period: str,
    tier: int,
    basis: str,
    value: Decimal,
    members: list[dict[str, Any]],
    flags: tuple[str, ...] = (),
) -> dict[str, Any]:
    return {
        "indicator": code,
        "scope": place[0],
        "sender": place[1],
        "receiver": place[2],
        "region": place[3],
        "breakdown": None,
        "group": None,
        "period": period,
        "amount": tier,
        "basis": basis,
        "unit": "percent",
        "value": value,
        "services": len(members),
        "providers": len({row["provider"] for row in members}),
        "corridors": len({row["corridor"] for row in members}),
        "flags": flags,
        "method": "1",
        "as_of": AS_OF,
        "id": f"{code}:{':'.join(part or '' for part in place)}:{period}:{tier}:{basis}",
    }
