"""The table of indicators: each with its change, trend and what stands behind it, or the reason why it is absent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from markupsafe import Markup

from reports import compare, numbers, wording
from reports.charts import bars, line
from reports.compare import Earlier
from reports.findings import AVERAGE, FEE, MARGIN, SMART, WEIGHTED
from reports.language import N_, _, ngettext
from reports.lookup import WORLD, Figure
from reports.site import BasisView


@dataclass(frozen=True)
class Indicator:
    """A row of the table. `value` is None where there is no figure, and `missing` says why. `id`: what
    `remitwatch trace` takes."""

    name: str
    sub: str
    value: str | None
    change: str
    since: str
    spark: Markup
    behind: str
    missing: str
    id: str


@dataclass(frozen=True)
class _Kind:
    code: str
    name: str
    sub: str = ""
    amount: int = 200
    behind: Literal["services", "corridors", "providers"] = "services"
    optional: bool = False


_SHARE = N_("share of corridors with an average")
_PROXY = N_("a proxy: services, not payments")
_KINDS = (
    _Kind(AVERAGE, N_("Average total cost, USD 200"), N_("mean over services, fee and margin")),
    _Kind(FEE, N_("of which fees")),
    _Kind(MARGIN, N_("of which exchange-rate margin")),
    _Kind(SMART, N_("Three cheapest services (SmaRT)"), N_("average of corridors"), behind="corridors"),
    _Kind(WEIGHTED, N_("Weighted average"), N_("corridor averages weighted by flows"), behind="corridors"),
    _Kind("digital_index", N_("Digital services"), N_("paid and received without cash, with no agent"), optional=True),
    _Kind("non_digital_index", N_("All other services"), optional=True),
    _Kind("mto_index_international", N_("International money transfer operators"),
          N_("present in 85% of the corridors or more"), behind="providers", optional=True),
    _Kind("share_corridors_below_3", N_("Corridors below 3%"), _SHARE, behind="corridors"),
    _Kind("share_corridors_below_5", N_("Corridors below 5%"), _SHARE, behind="corridors"),
    _Kind("share_corridors_below_7", N_("Corridors below 7%"), _SHARE, behind="corridors", optional=True),
    _Kind("share_corridors_below_10", N_("Corridors below 10%"), _SHARE, behind="corridors"),
    _Kind("share_corridors_smart_above_5", N_("Corridors above the 5% ceiling"), N_("of those assessed by SmaRT"),
          behind="corridors"),
    _Kind("share_services_within_hour", N_("Services paid out within one hour"), _PROXY),
    _Kind("share_services_within_day", N_("Services paid out within a day"), _PROXY, optional=True),
    _Kind("share_transparent", N_("Services that disclose their rate"), optional=True),
    _Kind(AVERAGE, N_("Average total cost, USD 500"), amount=500),
)  # fmt: skip


def first_period(view: BasisView) -> str | None:
    """The oldest period that the average may be compared with, where there is more than one."""
    held = view.figures.steady(AVERAGE)
    return held[0].period if len(held) > 1 else None


def indicators(view: BasisView, earlier: Earlier | None) -> list[Indicator]:
    """The rows of the table, in the order of the findings; an absent figure is a row with its reason."""
    first = first_period(view)
    return [_row(view, kind, earlier, first) for kind in _KINDS if not kind.optional or _known(view, kind)]


def _known(view: BasisView, kind: _Kind) -> bool:
    return view.figures.get(kind.code, WORLD, kind.amount) is not None


def _row(view: BasisView, kind: _Kind, earlier: Earlier | None, first: str | None) -> Indicator:
    figures, code, amount = view.figures, kind.code, kind.amount
    figure = figures.get(code, WORLD, amount)
    value = figure.value if figure else None
    change = compare.difference(figures, code, earlier, WORLD, amount)
    start = figures.at(code, first, WORLD, amount) if first else None
    since = value - start.value if value is not None and start is not None and start.value is not None else None
    past = [(one.period, one.value) for one in figures.steady(code, WORLD, amount) if one.value is not None]
    held = [[number for _, number in run] for run in line.without_gaps(past[-60:])]
    return Indicator(
        name=_(kind.name),
        sub=_sub(view, kind, value),
        value=None if value is None else numbers.percent(value),
        change="–" if change is None else numbers.change(change),
        since="–" if since is None else numbers.change(since),
        spark=bars.spark(held if value is not None else []),
        behind=_behind(figure, kind.behind),
        missing=_missing(figure),
        id=figure.id if figure else "",
    )


def _sub(view: BasisView, kind: _Kind, value: Decimal | None) -> str:
    """What the figure is; of a weighted average also how much of the flows it covers."""
    if kind.code == WEIGHTED and value is not None and view.data.coverage is not None:
        share = numbers.percent(view.data.coverage, 1 if view.data.coverage >= 1 else 2)
        return _("corridor averages weighted by flows; {share} of the flows covered", share=share)
    return _(kind.sub) if kind.sub else ""


def _behind(figure: Figure | None, what: str) -> str:
    if figure is None or figure.value is None:
        return "–"
    if what == "corridors":
        return ngettext("{n} corridor", "{n} corridors", figure.corridors)
    if what == "providers":
        return ngettext("{n} provider", "{n} providers", figure.providers)
    return ngettext("{n} service", "{n} services", figure.services)


def _missing(figure: Figure | None) -> str:
    if figure is None:
        return _("Not among the figures of this edition.")
    return next((wording.ABSENT[flag] for flag in figure.flags if flag in wording.ABSENT), _("No service to count."))
