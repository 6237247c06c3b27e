"""The kinds of rules: what each looks at, in which unit its value and threshold are, and on which side it breaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["world", "sender", "receiver", "corridor", "service", "pair", "source", "home"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Side = Literal["above", "below", "happens"]


@dataclass(frozen=True)
class Kind:
    """One kind. `means` says what breaches, in a line for the operator.

    `side`: a value `above` the threshold breaches, or one `below` it; `happens`: there is no line, it is so or not.
    `unit` is that of value and threshold. `event`: something that happened on a day; its end is not told. `figure`: it
    rests on collected or surveyed prices, so that what was told may turn out to be corrected. `replays`: past days can
    be looked at again from what is stored. `needs`: the settings that a rule of this kind must state; `days` and `runs`
    have defaults.
    """

    code: str
    means: str
    scopes: tuple[Scope, ...]
    side: Side
    unit: str = ""
    event: bool = False
    figure: bool = False
    replays: bool = True
    needs: tuple[str, ...] = ()


_PLACES: tuple[Scope, ...] = ("world", "sender", "receiver", "corridor")

KINDS: tuple[Kind, ...] = (
    Kind(
        "cost_above",
        "a cost (average_total_cost, smart ...) is above the threshold",
        _PLACES,
        "above",
        "percent",
        figure=True,
        needs=("threshold", "indicator"),
    ),
    Kind(
        "target_missed",
        "a figure misses a national target (remitwatch targets add) by more than the threshold, in points; 0: at all",
        _PLACES,
        "above",
        "points",
        figure=True,
        needs=("threshold",),
    ),
    Kind(
        "cost_change",
        "an average moved by more than the threshold, up or down, within `days`",
        _PLACES,
        "above",
        "points",
        event=True,
        figure=True,
        needs=("threshold", "days"),
    ),
    Kind(
        "new_cheapest",
        "a provider is the cheapest of a corridor that was not on any of the `days` before",
        ("corridor",),
        "happens",
        "percent",
        event=True,
        figure=True,
        needs=("days",),
    ),
    Kind(
        "provider_vanished",
        "a provider has had no price in a corridor for `days`, though its source still answers there",
        ("corridor",),
        "happens",
        "days",
        needs=("days",),
    ),
    Kind(
        "provider_appeared",
        "a provider has a price in a corridor for the first time, not longer than `days` ago",
        ("corridor",),
        "happens",
        "percent",
        event=True,
        needs=("days",),
    ),
    Kind(
        "service_vanished",
        "a service has had no price for `days`, though its source still answers in the corridor",
        ("service",),
        "happens",
        "days",
        needs=("days",),
    ),
    Kind(
        "service_appeared",
        "a service has a price for the first time, not longer than `days` ago",
        ("service",),
        "happens",
        "percent",
        event=True,
        needs=("days",),
    ),
    Kind(
        "change_point",
        "the cost of a service left the level of its own last `days` for good, by more than the threshold",
        ("service",),
        "above",
        "points",
        event=True,
        figure=True,
        needs=("threshold", "days"),
    ),
    Kind(
        "few_qualifying",
        "a corridor has fewer services that qualify for SmaRT than the threshold",
        ("corridor",),
        "below",
        "services",
        figure=True,
        needs=("threshold",),
    ),
    Kind(
        "coverage_low",
        "of the watched corridors a smaller share than the threshold has a price",
        ("world",),
        "below",
        "percent",
        figure=True,
        needs=("threshold",),
    ),
    Kind(
        "benchmark_apart",
        "a published figure of others is further from ours than the threshold, and no other rule explains it",
        _PLACES,
        "above",
        "points",
        figure=True,
        needs=("threshold",),
    ),
    Kind(
        "rates_apart",
        "reference rates of one pair and date differ between sources or from a peg by over 1 %, or look mixed up",
        ("pair",),
        "happens",
    ),
    Kind("rate_stale", "the newest reference rate of a source is older than it may be used", ("source",), "happens"),
    Kind("source_stale", "no accepted run for over two cadences of the source", ("source",), "happens", "days"),
    Kind("source_failing", "the last two runs brought nothing", ("source",), "happens"),
    Kind("source_held", "the newest run is held: a person must accept or reject it", ("source",), "happens"),
    Kind(
        "source_changed",
        "answers of the newest run have another shape than documented, or records were refused",
        ("source",),
        "happens",
        "answers",
    ),
    Kind(
        "runs_missed",
        "sources were not asked on more scheduled days than the threshold, within `days`",
        ("home",),
        "above",
        "runs",
        needs=("threshold", "days"),
    ),
    Kind(
        "disk_low",
        "the disk of the home has less free space than the threshold",
        ("home",),
        "below",
        "megabytes",
        replays=False,
        needs=("threshold",),
    ),
    Kind("database_unsound", "the database's own checks find damage", ("home",), "happens", replays=False),
)

BY_CODE = {kind.code: kind for kind in KINDS}
