"""Readings: what a rule finds on one day about one subject."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from remitwatch.alerts.rules import Rule
from remitwatch.fields import decimal_text
from remitwatch.figures import ratio, rounded


class State(StrEnum):
    """How a subject stands to its rule: past the line, back, in the band between line and recovery, or no figure."""

    BREACH = "breach"
    BETWEEN = "between"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reading:
    """What rule `rule` finds on `day` about `subject`.

    Subjects: `world`, `country:KEN`, `corridor:GBR-IND`, `corridor:GBR-IND/acme` (a provider in it),
    `service:<service key>`, `pair:USD/KES`, `source:ecb`, `home`. `value` is exact, in the unit of the rule's kind;
    None where there is none. `facts` say in plain values what a person is told (see `plain`), `depends` the subjects on
    which this one rests: while an inhibiting alert stands for one of them, it is not told.
    """

    rule: str
    subject: str
    day: dt.date
    state: State
    value: Decimal | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    depends: tuple[str, ...] = ()


def state_of(rule: Rule, value: Decimal | None) -> State:
    """How a value stands to the line of its rule, on the value as it is: 5.00 is not above 5."""
    if value is None:
        return State.UNKNOWN
    if rule.what.side == "above":
        return State.BREACH if value > rule.line else State.CLEAR if value <= rule.clears_at else State.BETWEEN
    return State.BREACH if value < rule.line else State.CLEAR if value >= rule.clears_at else State.BETWEEN


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them: text, whole numbers, yes or no, none, and lists and tables of these. Numbers with
    decimals become text with four, rounded half-up once; days and times become ISO text."""
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        value = ratio(value.numerator, value.denominator)
    if isinstance(value, Decimal):
        return decimal_text(rounded(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def as_text(content: Any) -> str:
    """JSON text with sorted names: the same content is the same text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
