"""Savings: what senders would keep a year if a target on costs were met.

    savings = sum over corridors of  flow x max(cost - target, 0) / 100

`flow` in million US dollars a year; `cost` of the corridor and `target` in per cent of the amount sent. It supposes
that every corridor above the target comes down to it and the others stay, that volumes do not change, and that every
transfer is priced like the mean that the cost is. Corridors without a cost are left out: `coverage` says how much of
the flow is in it.

By hand: A-B costs 8 with a flow of 300, A-C costs 4 with 100, A-D has no cost and a flow of 100. To 5 per cent:
300 x 3 / 100 = 9 million, of 80 per cent of the flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from remitwatch.figures import ratio
from remitwatch.flows import FlowTable


@dataclass(frozen=True)
class Savings:
    """`value` in million US dollars a year and `coverage` in per cent of the subject's flow, 12 decimals each; None
    where `reason` says why: `no_flows` (none are in force), `no_flow` (none of this subject), `no_cost` (of no corridor
    with a flow), `not_a_cost` (the target is not on a cost). `corridors` have both, `above` of them cost more than the
    target."""

    value: Decimal | None = None
    coverage: Decimal | None = None
    corridors: int = 0
    above: int = 0
    reason: str = ""


def savings(costs: Mapping[str, Decimal], target: Decimal, flows: FlowTable, corridors: Sequence[str]) -> Savings:
    """What meeting a target of `target` per cent saves in these corridors (`GBR-IND`), each with a flow; `costs` in per
    cent by corridor."""
    every = sum(flows.weights[key] for key in corridors)
    if not every:
        return Savings(reason="no_flow")
    priced = [key for key in corridors if key in costs]
    covered = ratio(100 * sum(flows.weights[key] for key in priced), every)
    if not priced:
        return Savings(coverage=covered, reason="no_cost")
    above = [key for key in priced if costs[key] > target]
    parts = (Fraction(flows.values[key]) * (Fraction(costs[key]) - Fraction(target)) / 100 for key in above)
    total = sum(parts, Fraction(0))
    return Savings(ratio(total.numerator, total.denominator), covered, len(priced), len(above))
