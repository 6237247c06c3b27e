"""What meeting a target is worth to those who send, and how much of the flow the figures cover."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from remitwatch.figures import ratio
from remitwatch.savings import savings
from remitwatch.targets import NOT_ASSESSABLE_FLAGS
from reports import names, numbers
from reports.country.ways import Way, other_end, place_of
from reports.findings import AVERAGE
from reports.site import BasisView, Site, corridor_place

LEVELS = (Decimal(5), Decimal(3))
"""The ceiling for corridors and the target for averages, per cent."""
MOST_UNCOVERED = 8


@dataclass(frozen=True)
class WorthRow:
    """A corridor with a flow and a cost. Amounts in million US dollars a year, one a level."""

    key: str
    name: str
    href: str | None
    flow: str
    cost: str
    saved: tuple[str, ...]


@dataclass(frozen=True)
class Uncovered:
    """A corridor of the flows without a figure. `share`: of the country's flow in this way."""

    key: str
    name: str
    flow: str
    share: str


@dataclass(frozen=True)
class Worth:
    """Savings and coverage of one way of a country.

    `levels`: the costs it is counted for, per cent. `total`: million US dollars a year at each level, as numbers and in
    words; empty where `reason` says why there is none: `no_flows` (none in force), `no_flow` (none of this country),
    `no_cost`. `coverage`: per cent of the country's flow whose corridors have a figure. `uncovered`: corridors of the
    flows without one, the largest first; `uncovered_left`: how many more.
    """

    levels: tuple[Decimal, ...]
    rows: tuple[WorthRow, ...] = ()
    total: tuple[Decimal, ...] = ()
    total_words: tuple[str, ...] = ()
    flow: str = ""
    reason: str = ""
    coverage: Decimal | None = None
    covered: int = 0
    known: int = 0
    uncovered: tuple[Uncovered, ...] = ()
    uncovered_left: int = 0


def worth_of(site: Site, view: BasisView, way: Way, code: str) -> Worth:
    """The savings of senders if every corridor above a level came down to it, at the flows of one year."""
    levels = (*LEVELS, *_national_levels(site, view, way, code))
    flows = site.data.about_countries.flows
    if flows is None:
        return Worth(levels, reason="no_flows")
    keys = flows.about(place_of(way, code)[0], code)
    if not keys:
        return Worth(levels, reason="no_flow")
    costs = _costs(view, keys)
    found = [savings(costs, level, flows, keys) for level in levels]
    keys.sort(key=lambda key: (-flows.weights[key], key))
    held = set(view.corridors_of(way, code))
    without = [key for key in keys if key not in held or view.figures.value(AVERAGE, corridor_place(key)) is None]
    every = sum(flows.weights[key] for key in keys)
    covered = every - sum(flows.weights[key] for key in without)
    priced = [key for key in keys if key in costs]
    return Worth(
        levels=levels,
        rows=tuple(
            WorthRow(
                key=key,
                name=names.country(other_end(way, key)),
                href=site.corridor_link(view, key),
                flow=numbers.number(flows.values[key], 0),
                cost=numbers.percent(costs[key]),
                saved=tuple(numbers.number(_saved(flows.values[key], costs[key], level)) for level in levels),
            )
            for key in priced
        ),
        total=tuple(one.value for one in found if one.value is not None),
        total_words=tuple(numbers.number(one.value) for one in found if one.value is not None),
        flow=numbers.number(sum((flows.values[key] for key in priced), Decimal(0)), 0),
        reason=found[0].reason,
        coverage=ratio(100 * covered, every),
        covered=len(keys) - len(without),
        known=len(keys),
        uncovered=tuple(
            Uncovered(
                key=key,
                name=names.country(other_end(way, key)),
                flow=numbers.number(flows.values[key], 0),
                share=numbers.percent(ratio(100 * flows.weights[key], every)),
            )
            for key in without[:MOST_UNCOVERED]
        ),
        uncovered_left=max(0, len(without) - MOST_UNCOVERED),
    )


def _costs(view: BasisView, keys: list[str]) -> dict[str, Decimal]:
    found = {}
    for key in keys:
        figure = view.figures.get(AVERAGE, corridor_place(key))
        if figure is not None and figure.value is not None and not NOT_ASSESSABLE_FLAGS.intersection(figure.flags):
            found[key] = figure.value
    return found


def _saved(flow: Decimal, cost: Decimal, level: Decimal) -> Decimal:
    part = Fraction(flow) * max(Fraction(cost) - Fraction(level), Fraction(0)) / 100
    return ratio(part.numerator, part.denominator)


def _national_levels(site: Site, view: BasisView, way: Way, code: str) -> list[Decimal]:
    """The values of the country's own targets on this way's average cost, but for those that are levels anyway."""
    scope = place_of(way, code)[0]
    found = {
        value
        for target in site.data.targets
        if target.get("national")
        and target.get("basis") in (None, view.basis)
        and (target.get("scope"), target.get("subject"), target.get("indicator")) == (scope, code, AVERAGE)
        and target.get("operator") in ("lt", "le")
        and (value := numbers.decimal_of(target.get("target"))) is not None
    }
    return sorted(found - set(LEVELS), reverse=True)
