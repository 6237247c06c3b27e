"""Targets, official and national: which there are; national ones are added and removed."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from remitwatch.corridors import corridor_key
from remitwatch.errors import InputError
from remitwatch.indicators.selection import find_indicator, select
from remitwatch.periods import parse_period
from remitwatch.pipeline.workspace import Workspace
from remitwatch.targets import Target, targets
from scrapers.clean import tidy

_AMONG = {"world": (), "sender": ("sender",), "receiver": ("receiver",), "corridor": ("sender", "receiver")}
"""The scopes of national targets, and which countries each names; of a corridor one end is enough."""


def all_targets(workspace: Workspace) -> tuple[Target, ...]:
    """The official targets, then the national ones."""
    return (*targets(), *(stored.target for stored in workspace.queries.targets()))


def listed(workspace: Workspace | None) -> list[dict[str, Any]]:
    """Every target as a row, the official ones first."""
    national = [] if workspace is None else workspace.queries.targets()
    rows = [_target_row(one) for one in targets()]
    return rows + [_target_row(one.target) | {"added_at": one.added_at, "added_by": one.added_by} for one in national]


def _target_row(target: Target) -> dict[str, Any]:
    return {
        "code": target.code,
        "kind": "national" if target.national else "historic" if target.historic else "official",
        "part_of": target.part_of,
        "owner": target.owner,
        "name": target.name,
        "scope": list(target.scope),
        "sender": target.sender,
        "receiver": target.receiver,
        "indicator": target.indicator,
        "amount": target.amount,
        "operator": target.operator,
        "value": target.value,
        "deadline": target.deadline,
        "baseline": target.baseline,
        "added_at": None,
        "added_by": None,
    }


def add(workspace: Workspace, given: dict[str, Any], *, corridor: str | None, who: str) -> Target:
    """Add a national target. Raises InputError for anything unknown or that does not fit together, and for a code that
    is taken (official ones cannot be shadowed)."""
    target = national_target(given, corridor=corridor)
    workspace.store.add_target(target, who=who, at=workspace.now())
    return target


def national_target(given: dict[str, Any], *, corridor: str | None) -> Target:
    """The checked target of the options of `targets add`."""
    ends = {name: given[name].strip().upper() if given[name] else None for name in ("sender", "receiver")}
    if corridor is not None:
        if any(ends.values()):
            raise InputError("--corridor: it names sender and receiver: leave --sender and --receiver out")
        ends["sender"], ends["receiver"] = corridor_key(corridor).split("-")
    scope = given["scope"]
    if scope not in _AMONG:
        raise InputError(f"--scope {scope!r}: expected one of {', '.join(_AMONG)}")
    named = [name for name, value in ends.items() if value]
    if set(named) - set(_AMONG[scope]) or (_AMONG[scope] and not named):
        takes = " or ".join(f"--{name}" for name in _AMONG[scope]) or "no country"
        raise InputError(f"--scope {scope}: it takes {takes}")
    if given["baseline"] is not None:
        baseline = parse_period(given["baseline"])
        if baseline.last_day is None or baseline.last_day.year > given["deadline"]:
            raise InputError(f"--baseline {given['baseline']!r}: expected a period such as 2024-Q3 before the deadline")
        given = {**given, "baseline": baseline.key}
    select(scope=scope, codes=given["indicator"])  # raises for an unknown one
    given = {**given, **{name: tidy(given[name]) for name in ("owner", "name")}}
    try:
        target = Target(**{**given, **ends, "scope": (scope,), "national": True})
    except ValidationError as error:
        first = error.errors()[0]
        what = first["msg"].removeprefix("Value error, ")
        if first["loc"] == ("code",):
            what = "expected lower case letters, digits and underscores"
        raise InputError(f"--{first['loc'][0]} {first['input']!r}: {what}".replace("--code", "code")) from None
    _check_words(target)
    return target


def _check_words(target: Target) -> None:
    if target.code in {name for one in targets() for name in (one.code, one.part_of)}:
        raise InputError(f"target {target.code}: that is an official one: choose another code")
    for name in ("owner", "name"):
        if not getattr(target, name):
            raise InputError(f"--{name}: expected some words")
    if not 2000 <= target.deadline <= 2100:
        raise InputError(f"--deadline {target.deadline}: expected a year such as 2030")
    if find_indicator(target.indicator, target.scope[0]) is None:
        raise InputError(f"--indicator {target.indicator}: it has no figure for scope {target.scope[0]}")


def remove(workspace: Workspace, code: str) -> None:
    """Remove a national target. Raises InputError for an official or unknown one."""
    if code in {one.code for one in targets()}:
        raise InputError(f"target {code}: that is an official one: it cannot be removed")
    workspace.store.remove_target(code)
