"""What is asked for: scopes, filters, codes and breakdowns, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from remitwatch.corridors import corridor_key
from remitwatch.countries import countries, find_country
from remitwatch.errors import InputError
from remitwatch.figures import SCOPES, Scope
from remitwatch.indicators.averages import AVERAGES
from remitwatch.indicators.exact import IntArray
from remitwatch.indicators.family import Groups, Indicator, shared_groups
from remitwatch.indicators.panel import SENDER_GROUP
from remitwatch.indicators.populations import POPULATIONS
from remitwatch.indicators.shares import SHARES
from remitwatch.indicators.smart import SMART
from remitwatch.indicators.units import Units
from remitwatch.indicators.weighted import WEIGHTED
from remitwatch.indicators.where import NOWHERE, Where
from remitwatch.method import DEFAULT_OPTIONS, Options

_ALL: tuple[Indicator, ...] = (*AVERAGES, *POPULATIONS, *SMART, *SHARES, *WEIGHTED)
CODES: tuple[str, ...] = tuple(dict.fromkeys(indicator.code for indicator in _ALL))
"""Every indicator that can be asked for."""

BREAKDOWNS = (
    "provider_type",
    "payment_instrument",
    "access_point",
    "pickup_method",
    "speed",
    "coverage",
    "income_group",
    "sender_region",
    SENDER_GROUP,
    "provider",
)
"""What figures can be broken down by, and restricted to. A joint label (`cash+debit_card`) counts in each of its
groups; `unknown` makes no group of its own: such services are in the whole only. `sender_group` is G8 and G20."""
JOINT = ("provider_type", "payment_instrument", "access_point", SENDER_GROUP)
"""The columns whose labels may be joint."""

# Which filters keep every member of a scope whole. A sender's average restricted to one region would be another figure.
_FILTERS: dict[Scope, tuple[str, ...]] = {
    "world": (),
    "sender": ("sender",),
    "receiver": ("receiver", "region"),
    "region": ("region",),
    "corridor": ("sender", "receiver", "region", "corridor"),
}


def find_indicator(code: str, scope: Scope) -> Indicator | None:
    """The indicator as it is computed for this scope, or None when it is not."""
    return next((one for one in _ALL if one.code == code and scope in one.scopes), None)


@dataclass(frozen=True)
class Selection:
    """Which figures of a period are wanted. Make it with `select`, which checks it."""

    scopes: tuple[Scope, ...]
    codes: tuple[str, ...]
    sender: str | None = None
    receiver: str | None = None
    region: str | None = None
    corridor: str | None = None
    by: str | None = None
    where: Where = NOWHERE

    def indicators(self, scope: Scope) -> list[Indicator]:
        """The indicators wanted for a scope."""
        found = (find_indicator(code, scope) for code in self.codes)
        return [one for one in found if one is not None and (one.breakdowns or not self.of_parts)]

    @property
    def of_parts(self) -> bool:
        """Whether figures of parts of the population are wanted: a breakdown, or a restricted population."""
        return self.by is not None or bool(self.where.parts)


def select(
    *,
    scope: str | Sequence[str] | None = None,
    codes: str | Iterable[str] | None = None,
    sender: str | None = None,
    receiver: str | None = None,
    region: str | None = None,
    corridor: str | None = None,
    by: str | None = None,
    where: Where = NOWHERE,
    regions: Iterable[str] = (),
) -> Selection:
    """A checked selection. Without a scope, it follows from the filters (a corridor names a corridor ...), else world.

    `regions` are names known beyond the reference table's (survey rows carry their own). Raises InputError for anything
    unknown, for filters that do not fit the scope, and for indicators that do not exist for it.
    """
    named = {
        "sender": find_country(sender).code if sender else None,
        "receiver": find_country(receiver).code if receiver else None,
        "region": _region(region, regions) if region else None,
        "corridor": corridor_key(corridor) if corridor else None,
    }
    scopes = _scopes(scope, named)
    for one in scopes:
        for name, value in named.items():
            if value is not None and name not in _FILTERS[one]:
                fitting = ", ".join(f"--{filter_name}" for filter_name in _FILTERS[one]) or "no filter"
                raise InputError(f"--{name} does not go with scope {one}: it takes {fitting}")
    if by is not None and by not in BREAKDOWNS:
        raise InputError(f"breakdown {by!r}: expected one of {', '.join(BREAKDOWNS)}")
    wanted = CODES if codes is None else (codes,) if isinstance(codes, str) else tuple(dict.fromkeys(codes))
    for code in wanted:
        if code not in CODES:
            raise InputError(f"indicator {code!r}: expected one of {', '.join(CODES)}")
    for column, _ in where.parts:
        if column not in BREAKDOWNS:
            raise InputError(f"where {column!r}: expected one of {', '.join(BREAKDOWNS)}")
    selection = Selection(scopes, wanted, **named, by=by, where=where)
    if codes is not None:
        for code in wanted:
            fits = [find_indicator(code, one) for one in scopes]
            if not any(fits):
                raise InputError(f"indicator {code} has no figure for scope {', '.join(scopes)}")
            if selection.of_parts and not any(one.breakdowns for one in fits if one):
                told = f"breakdown by {by}" if by is not None else f"figure for a part of the services ({where})"
                raise InputError(f"indicator {code} has no {told}")
    return selection


def _scopes(scope: str | Sequence[str] | None, named: dict[str, str | None]) -> tuple[Scope, ...]:
    if scope is None:
        if named["corridor"] or (named["sender"] and named["receiver"]):
            return ("corridor",)
        given: list[Scope] = [one for one in SCOPES if one != "world" and named[one]]
        return (given[0],) if given else ("world",)
    asked = (scope,) if isinstance(scope, str) else tuple(scope)
    unknown = [one for one in asked if one not in SCOPES]
    if unknown:
        raise InputError(f"scope {unknown[0]!r}: expected one of {', '.join(SCOPES)}")
    return tuple(one for one in SCOPES if one in asked)


def _region(text: str, regions: Iterable[str]) -> str:
    known = {country.region for country in countries().values() if country.region} | {one for one in regions if one}
    found = next((one for one in sorted(known) if one.casefold() == text.strip().casefold()), None)
    if found is None:
        raise InputError(f"region {text!r}: expected one of {', '.join(sorted(known))}")
    return found


@dataclass(frozen=True)
class Grouping:
    """Units put into the groups of a scope, of a breakdown where asked, and of their periods: which group is what.

    Groups are numbered by period, then subject, then member. `parts`: they are parts of the population.
    """

    groups: Groups
    subjects: tuple[str, ...]
    members: tuple[str, ...]
    parts: bool = False

    @property
    def width(self) -> int:
        """How many groups each period has."""
        return len(self.subjects) * max(len(self.members), 1)

    def subject(self, group: int) -> str:
        """The sender, receiver, region or corridor of a group; '' for the world."""
        return self.subjects[group % self.width // max(len(self.members), 1)]

    def member(self, group: int) -> str | None:
        """The breakdown's group (`cash`), None for the whole population."""
        return self.members[group % len(self.members)] if self.members else None

    def number(self, subject: str, member: str | None) -> int | None:
        """The group of a subject and member in the first period, or None when there is none."""
        if subject not in self.subjects or (member is not None and member not in self.members):
            return None
        at = self.subjects.index(subject)
        return at if member is None else at * len(self.members) + self.members.index(member)


def group_units(units: Units, selection: Selection, scope: Scope, options: Options = DEFAULT_OPTIONS) -> Grouping:
    """The units that pass the filters, by period, scope and breakdown. Units without a region are in no region."""
    keep = np.ones(len(units), dtype=bool)
    for column in ("sender", "receiver", "region", "corridor"):
        wanted = getattr(selection, column)
        if wanted is not None:
            labels = units.labels(column)
            keep &= labels.codes == labels.code(wanted)
    for column, value in selection.where.parts:
        labels = units.labels(column)
        holds = [value in _parts(column, name, options) for name in labels.names]
        keep &= np.array(holds, dtype=bool)[labels.codes]
    if scope == "world":
        subjects: tuple[str, ...] = ("",)
        subject = units.period_of
    else:
        of_scope = units.labels(scope)
        subjects = of_scope.names
        subject = units.numbered(scope)
        if "" in subjects:
            keep &= of_scope.codes != subjects.index("")
    unit = units.every if keep.all() else np.flatnonzero(keep)
    size, restricted = len(subjects) * len(units.periods), bool(selection.where.parts)
    if selection.by is None:
        return Grouping(shared_groups(units, unit, units.of(subject, unit), size), subjects, (), restricted)
    unit, member, members = _memberships(units, unit, selection.by, options)
    group = units.of(subject, unit) * len(members) + member
    return Grouping(Groups(unit, group, size * len(members)), subjects, members, True)


def _parts(column: str, label: str, options: Options) -> tuple[str, ...]:
    """The groups in which a label counts."""
    named = label.split("+") if column in JOINT and not options.joint_labels_apart else [label]
    return tuple(name for name in named if name not in ("", "unknown"))


def _memberships(
    units: Units, unit: IntArray, column: str, options: Options
) -> tuple[IntArray, IntArray, tuple[str, ...]]:
    """Each unit once for every group of its label, with the group's code."""
    labels = units.labels(column)
    parts = [_parts(column, name, options) for name in labels.names]
    members = tuple(sorted({part for names in parts for part in names}))
    number = {name: at for at, name in enumerate(members)}
    codes = units.of(labels.codes, unit)
    found_units, found_members = [], []
    for at in range(max(map(len, parts), default=0)):  # the first group of every label, then the second of those ...
        member = np.array([number[names[at]] if at < len(names) else -1 for names in parts], dtype=np.int64)[codes]
        has = np.flatnonzero(member >= 0)
        if at == 0 and len(has) == len(unit) and all(len(names) == 1 for names in parts):
            return unit, member, members
        found_units.append(unit.take(has))
        found_members.append(member.take(has))
    if not found_units:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), members
    return np.concatenate(found_units), np.concatenate(found_members), members
