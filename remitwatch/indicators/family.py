"""What every family of indicators shares: groups of services in, one cell a group out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from remitwatch.figures import Scope
from remitwatch.indicators.exact import BoolArray, IntArray, Ratio
from remitwatch.indicators.panel import Units
from remitwatch.method import Options


@dataclass(frozen=True)
class Groups:
    """Memberships: unit number and group number, side by side. A unit may be in several groups, or in none."""

    unit: IntArray
    group: IntArray
    size: int

    def only(self, wanted: BoolArray) -> Groups:
        """The memberships of the wanted units (`wanted` by unit number)."""
        kept = wanted[self.unit]
        return Groups(self.unit[kept], self.group[kept], self.size)

    def only_groups(self, wanted: BoolArray) -> Groups:
        """The memberships in the wanted groups (`wanted` by group number)."""
        kept = wanted[self.group]
        return Groups(self.unit[kept], self.group[kept], self.size)


@dataclass(frozen=True)
class Outcome:
    """What an indicator found: the memberships its values rest on, and per group a value (None where it has none) and
    flags. Groups that are in neither have no figure. `made_of`: those whose own prices are the value, where they are
    not all that it rests on (the middle ones of a median). `parts`: where the value is made of those of finer groups,
    which must all be fit to be shown: these, and the group that each is part of. `coverage`: the share (per cent) of
    what the value speaks for that is behind it, where that is known."""

    used: Groups
    values: dict[int, Ratio | None]
    flags: dict[int, set[str]] = field(default_factory=dict)
    made_of: Groups | None = None
    parts: tuple[Groups, IntArray] | None = None
    coverage: dict[int, Ratio] = field(default_factory=dict)

    def flag(self, group: int, name: str) -> None:
        """Add a flag to a group."""
        self.flags.setdefault(group, set()).add(name)


Compute = Callable[[Units, Groups, Options], Outcome]


@dataclass(frozen=True)
class Indicator:
    """An indicator: its code, how it is computed, for which scopes and whether for breakdowns too.

    `of_costs`: it rests on costs, so days without a disclosed cost are not behind it. `world_without_russia`: senders
    in Russia stay out of its world figure (METHODOLOGY section 3: the averages and nothing else). `weighted`: it weighs
    corridors by flows, and its rows say in their method by which.
    """

    code: str
    compute: Compute
    scopes: tuple[Scope, ...]
    breakdowns: bool = False
    of_costs: bool = True
    world_without_russia: bool = False
    weighted: bool = False


def groups_present(groups: Groups) -> list[int]:
    """The groups that have a member, in order."""
    return [int(group) for group in np.flatnonzero(np.bincount(groups.group, minlength=groups.size))]
