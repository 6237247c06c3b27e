"""Figures: one named statistic for a scope and a period, with the n behind it, and the id that leads back to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import ValidationError

from remitwatch.errors import InputError
from remitwatch.fields import UtcTime, Value
from remitwatch.made_once import MadeOnce
from remitwatch.method import METHOD
from remitwatch.periods import parse_period
from remitwatch.quotes import Basis, Tier

Scope = Literal["world", "sender", "receiver", "region", "corridor"]
SCOPES: tuple[Scope, ...] = ("world", "sender", "receiver", "region", "corridor")

_WIDE = Context(prec=60)


@cache
def _quoted(part: str) -> str:
    return quote(part, safe="+-_")


def ratio(numerator: int, denominator: int) -> Decimal:
    """numerator / denominator with 12 decimals, ready to be rounded once more or compared with a threshold.

    The way of ROUND_05UP: no inexact result ends in 0 or 5, so rounding it half-up later gives what rounding
    the exact ratio would, and 5 is 5 only where the ratio is exactly 5.
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    whole, rest = divmod(abs(numerator) * 10**12, abs(denominator))
    if rest and whole % 5 == 0:
        whole += 1
    return Decimal(sign * whole).scaleb(-12, _WIDE)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def rounded(value: Decimal, places: int = 4) -> Decimal:
    """`value` to so many decimals, halves away from zero (the way people round)."""
    shown = value.quantize(_unit(places), rounding=ROUND_HALF_UP, context=_WIDE)
    return shown if shown else abs(shown)  # no "-0.0000"


class FigureId(Value):
    """What selects a figure: enough to compute it again from the observations known at `as_of`."""

    indicator: str
    scope: Scope
    sender: str | None
    receiver: str | None
    region: str | None
    breakdown: str | None
    group: str | None
    period: str
    amount: Tier
    basis: Basis
    method: str = METHOD
    as_of: UtcTime
    where: str | None = None

    def __str__(self) -> str:
        parts = (
            self.indicator,
            self.scope,
            self.sender,
            self.receiver,
            self.region,
            self.breakdown,
            self.group,
            self.period,
            str(self.amount),
            self.basis.value,
            self.method,
            _stamp(self.as_of),
            *([self.where] if self.where else []),
        )
        return ":".join(_quoted(part or "") for part in parts)


def figure_ids(cells: Mapping[str, Sequence[Any]]) -> list[str]:
    """The ids of many figures at once, from the columns of their fields: what `str(FigureId)` gives of each. Texts of
    restricted populations (`where`) are not among the columns."""
    # Their parts are few: each is made once.
    subjects, groups, moments = MadeOnce(_joined), MadeOnce(_joined), MadeOnce(_of_moment)
    rows = (zip(*(cells[name] for name in part), strict=True) for part in (_SUBJECT, _GROUP, _MOMENT))
    return [
        f"{subjects[subject]}:{groups[group]}:{moments[moment]}"
        for subject, group, moment in zip(*rows, strict=True)
    ]  # fmt: skip


_SUBJECT = ("indicator", "scope", "sender", "receiver", "region")
_GROUP = ("breakdown", "group")
_MOMENT = ("period", "amount", "basis", "method", "as_of")


def _joined(texts: Sequence[str | None]) -> str:
    return ":".join(_quoted(text or "") for text in texts)


def _of_moment(cells: tuple[Any, ...]) -> str:
    period, amount, basis, method, as_of = cells
    return f"{_joined((period, str(amount), basis, method))}:{_stamp(as_of)}"


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S") + (f"_{moment.microsecond:06d}" if moment.microsecond else "")


def parse_figure_id(text: str) -> FigureId:
    """The selection that a figure's id names: the reverse of `str(FigureId)`. Raises InputError."""
    parts = [unquote(part) for part in text.strip().split(":")]
    wrong = InputError(f"figure id {text!r}: expected the `id` of a row of `remitwatch indicators --json`")
    if len(parts) not in (len(FigureId.model_fields) - 1, len(FigureId.model_fields)):
        raise wrong
    named: dict[str, Any] = {name: part or None for name, part in zip(FigureId.model_fields, parts, strict=False)}
    try:
        named["amount"] = int(named["amount"] or "")
        stamp, _, micro = (named["as_of"] or "").partition("_")
        named["as_of"] = dt.datetime.strptime(f"{stamp}.{micro or 0}+0000", "%Y%m%dT%H%M%S.%f%z")
        found = FigureId(**named)
    except (ValueError, ValidationError):
        raise wrong from None
    parse_period(found.period)
    return found


class IndicatorRow(Value):
    """One figure. `value` in per cent, 12 decimals, None where a flag says why there is none.

    `services`, `providers` and `corridors` count what is behind the value. `undisclosed` counts the services of the
    same population that are in no average because their exchange rate is not disclosed. `where` says to which services
    the population was restricted (`payment_instrument=cash,provider_type=bank`), None for no restriction. `coverage`:
    of a weighted average the share (per cent) of the subject's flows whose corridors are behind the value; else None.
    """

    indicator: str
    scope: Scope
    sender: str | None
    receiver: str | None
    region: str | None
    breakdown: str | None
    group: str | None
    period: str
    amount: Tier
    basis: Basis
    unit: Literal["percent"] = "percent"
    value: Decimal | None
    services: int
    providers: int
    corridors: int
    flags: tuple[str, ...]
    method: str = METHOD
    as_of: UtcTime
    undisclosed: int = 0
    where: str | None = None
    coverage: Decimal | None = None

    @property
    def figure(self) -> FigureId:
        """What selects this figure."""
        return FigureId.model_construct(**{name: getattr(self, name) for name in FigureId.model_fields})

    @property
    def id(self) -> str:
        """The text that `parse_figure_id` reads back."""
        return str(self.figure)

    @property
    def subject(self) -> str:
        """What the figure speaks of: `world`, `GBR`, `South Asia`, `GBR-IND`."""
        if self.scope == "corridor":
            return f"{self.sender}-{self.receiver}"
        return self.sender or self.receiver or self.region or "world"

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch indicators --json`: percentages as text with four decimals, rounded half-up once. A
        row of a restricted population also says `where`."""
        return {
            "indicator": self.indicator,
            "scope": self.scope,
            "sender": self.sender,
            "receiver": self.receiver,
            "region": self.region,
            "breakdown": self.breakdown,
            "group": self.group,
            **({"where": self.where} if self.where else {}),
            "period": self.period,
            "amount": self.amount,
            "basis": self.basis.value,
            "unit": self.unit,
            "value": None if self.value is None else f"{rounded(self.value):f}",
            "services": self.services,
            "providers": self.providers,
            "corridors": self.corridors,
            "flags": list(self.flags),
            "method": self.method,
            "as_of": self.as_of.isoformat().replace("+00:00", "Z"),
            "id": self.id,
            "coverage": None if self.coverage is None else f"{rounded(self.coverage):f}",
        }
