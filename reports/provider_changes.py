"""How the services of each provider moved since the previous period: like with like, new and ended ones apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from reports import numbers
from reports.inputs import BasisInput, SourceLine

_COSTS = ["fee_e8", "margin_e8", "total_e8"]
_KEYS = ["provider", "corridor", "service"]
_WORDS = ["payment_instrument", "access_point", "pickup_method"]


@dataclass(frozen=True)
class Move:
    """One service in both periods. Costs in per cent of the amount; `fee` and `margin` are changes in points. `words`:
    codes of its payment instrument, access point and pickup method."""

    service: str
    corridor: str
    words: tuple[str, str, str]
    before: Decimal
    now: Decimal
    fee: Decimal | None
    margin: Decimal | None

    @property
    def change(self) -> Decimal:
        """Points; negative: it became cheaper."""
        return self.now - self.before


@dataclass
class Changes:
    """The services of a provider in both periods, the largest move first, and how many are in one only."""

    moves: list[Move] = field(default_factory=list)
    new: int = 0
    ended: int = 0

    @property
    def mean(self) -> Decimal | None:
        """The mean change of the services that are in both."""
        return sum((move.change for move in self.moves), Decimal(0)) / len(self.moves) if self.moves else None


def changes(data: BasisInput, sources: tuple[SourceLine, ...]) -> dict[str, Changes]:
    """By provider, at USD 200. Services that no page may name are left out, as are prices too old or in quarantine.
    Several rows of one service (surveys) count as their mean. Empty where no earlier period is held."""
    found: dict[str, Changes] = defaultdict(Changes)
    if not len(data.before):
        return found
    hidden = {source.key for source in sources if source.redistribution == "none"}
    rows, before = data.services, data.before
    flags = rows["flags"].astype(str)
    out = flags.str.contains(r"(?:^|\+)(?:stale|quarantined)(?:\+|$)", regex=True)
    shown = (rows["tier"] == 200) & ~rows["private"].astype(bool) & rows["total_e8"].notna() & ~out
    now = rows[shown & ~rows["source"].isin(hidden)]
    before = before[before["corridor"].isin(set(rows["corridor"])) & ~before["source"].isin(hidden)]
    words = now.groupby(_KEYS, sort=True)[_WORDS].first()
    both = _means(now).add_suffix("_now").join(_means(before).add_suffix("_before"), how="outer").join(words)
    for row in both.reset_index().to_dict("records"):
        one = found[str(row["provider"])]
        if row["total_e8_before"] != row["total_e8_before"]:  # NaN: not there
            one.new += 1
        elif row["total_e8_now"] != row["total_e8_now"]:
            one.ended += 1
        else:
            one.moves.append(_move(row))
    for one in found.values():
        one.moves.sort(key=lambda move: (-abs(move.change), move.service))
    return found


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean costs in whole 1e-8 per cent by provider, corridor and service."""
    typed = rows.astype(dict.fromkeys(_COSTS, "float64") | dict.fromkeys(_KEYS, "str"))
    return typed.groupby(_KEYS, sort=True)[_COSTS].mean().round()


def _move(row: Mapping[Any, Any]) -> Move:
    costs = {name: numbers.percent_of_e8(row[name]) for name in row if str(name).endswith(("_now", "_before"))}
    before, now = costs["total_e8_before"], costs["total_e8_now"]
    assert before is not None  # both were looked at
    assert now is not None
    return Move(
        service=str(row["service"]),
        corridor=str(row["corridor"]),
        words=(str(row["payment_instrument"]), str(row["access_point"]), str(row["pickup_method"])),
        before=before,
        now=now,
        fee=_less(costs["fee_e8_now"], costs["fee_e8_before"]),
        margin=_less(costs["margin_e8_now"], costs["margin_e8_before"]),
    )


def _less(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else now - before
