"""What every family of indicators shares: groups of services in, one value a group out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from remitwatch.figures import Scope
from remitwatch.indicators.exact import BoolArray, IntArray, Ratio, Ratios
from remitwatch.indicators.units import Units
from remitwatch.method import Options

T = TypeVar("T")


@dataclass(frozen=True)
class Groups:
    """Memberships: unit number and group number, side by side. A unit may be in several groups, or in none."""

    unit: IntArray
    group: IntArray
    size: int
    _made: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def only(self, wanted: BoolArray) -> Groups:
        """The memberships of the wanted units (`wanted` by unit number)."""
        return self._taking(wanted.take(self.unit))

    def only_groups(self, wanted: BoolArray) -> Groups:
        """The memberships in the wanted groups (`wanted` by group number)."""
        return self._taking(wanted.take(self.group))

    def _taking(self, kept: BoolArray) -> Groups:
        at = np.flatnonzero(kept)
        return self if len(at) == len(kept) else Groups(self.unit.take(at), self.group.take(at), self.size)

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for these groups: indicators share their steps."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    @property
    def counts(self) -> IntArray:
        """How many members each group has."""
        return self.once("counts", lambda: np.bincount(self.group, minlength=self.size).astype(np.int64))

    @property
    def present(self) -> BoolArray:
        """Which groups have a member."""
        return self.counts > 0


@dataclass(frozen=True)
class Outcome:
    """What an indicator found, by group: which groups have a figure (`present`), its value (none where it has none),
    the memberships that the values rest on (`used`), and which groups carry which flag. `made_of`: those whose own
    prices are the value, where they are not all that it rests on (the middle ones of a median). `parts`: where the
    value is made of those of finer groups, which must all be fit to be shown: these, and the group each is part of.
    `coverage`: the share (per cent) of what the value speaks for that is behind it, where that is known."""

    used: Groups
    present: BoolArray
    values: Ratios
    flags: dict[str, BoolArray] = field(default_factory=dict)
    made_of: Groups | None = None
    parts: tuple[Groups, IntArray] | None = None
    coverage: dict[int, Ratio] = field(default_factory=dict)

    def flag(self, name: str, groups: BoolArray) -> None:
        """Add a flag to groups."""
        held = self.flags.get(name)
        self.flags[name] = groups if held is None else held | groups

    def flag_members(self, name: str, members: IntArray) -> None:
        """Add a flag to the groups of these numbers."""
        self.flag(name, np.bincount(members, minlength=self.used.size) > 0)


Compute = Callable[[Units, Groups, Options], Outcome]


@dataclass(frozen=True)
class Indicator:
    """An indicator: its code, how it is computed, for which scopes and whether for breakdowns too.

    `of_costs`: it rests on costs, so days without a disclosed cost are not behind it. `world_without_russia`: senders
    in Russia stay out of its world figure (METHODOLOGY section 3: the averages and nothing else). `of_part`: it speaks
    of a part of the services only. `weighted`: it weighs corridors by flows, and its rows say in their method by which.
    """

    code: str
    compute: Compute
    scopes: tuple[Scope, ...]
    breakdowns: bool = False
    of_costs: bool = True
    world_without_russia: bool = False
    of_part: bool = False
    weighted: bool = False


def shared_groups(units: Units, unit: IntArray, group: IntArray, size: int) -> Groups:
    """The groups of these very arrays, the same ones whenever they are asked for: their steps are made once."""
    return units.once(lambda: Groups(unit, group, size), unit, group)


def narrowed(units: Units, groups: Groups, wanted: BoolArray) -> Groups:
    """As `groups.only`, for a restriction that other groups of these units share."""
    at, unit = units.narrowed(groups.unit, wanted)
    return groups if at is None else Groups(unit, groups.group.take(at), groups.size)


def disclosed(units: Units, groups: Groups) -> Groups:
    """The memberships of the services that have a cost."""
    return groups.once("disclosed", lambda: narrowed(units, groups, units.disclosed))


def from_cheapest(units: Units, groups: Groups) -> Groups:
    """The same memberships, group by group, each from the cheapest service on."""

    def ordered() -> Groups:
        width = max(len(units), 1)
        key = groups.group * width + units.of(units.cost_rank, groups.unit)
        key.sort()
        group = key // width
        return Groups(units.by_cost.take(key - group * width), group, groups.size)

    return groups.once("from_cheapest", ordered)
