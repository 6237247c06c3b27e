"""The overview of one basis: finding, headline number, targets, findings, indicators, regions, ranking, movers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reports import compare, findings, missing, numbers, promises, trends, wording
from reports.charts import bars, line
from reports.charts.bars import ChangeScale
from reports.compare import Earlier, Mover
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.groups import group_tables
from reports.lookup import WORLD, Figure
from reports.ranking import ranked
from reports.site import BasisView, Site, render, strip

SHOWN_WHOLE = 24
"""Up to this many corridors the overview ranks all of them; beyond, the eight cheapest and dearest."""

_SHARE = "share of corridors with an average"
_SPEED = "of services, not of payments"
_INDICATORS = (
    # code, amount, name, what it is, what stands behind it
    (AVERAGE, 200, "Average total cost, USD 200", "mean over services, fee and margin", "services"),
    (FEE, 200, "of which fees", "", "services"),
    (MARGIN, 200, "of which exchange-rate margin", "", "services"),
    (AVERAGE, 500, "Average total cost, USD 500", "", "services"),
    (SMART, 200, "Three cheapest services (SmaRT)", "average of corridors", "corridors"),
    ("share_corridors_below_3", 200, "Corridors below 3%", _SHARE, "corridors"),
    ("share_corridors_below_5", 200, "Corridors below 5%", _SHARE, "corridors"),
    ("share_corridors_below_10", 200, "Corridors below 10%", _SHARE, "corridors"),
    ("share_corridors_smart_above_5", 200, "Corridors above the 5% ceiling", "of those assessed by SmaRT", "corridors"),
    ("share_services_within_hour", 200, "Services paid out within one hour", _SPEED, "services"),
    ("share_services_within_day", 200, "Services paid out within a day", _SPEED, "services"),
    ("share_transparent", 200, "Services that disclose their rate", "", "services"),
)


@dataclass(frozen=True)
class Indicator:
    """A row of the indicator table."""

    name: str
    sub: str
    value: str | None
    change: str
    since: str
    spark: Markup
    behind: str
    missing: str


def render_overview(site: Site, view: BasisView) -> str:
    """The page of a basis."""
    path = site.overview(view)
    figures, data = view.figures, view.data
    earlier = compare.earlier_period(data, figures, site.data.as_of.date())
    target = promises.cost_target(site.data.targets, view.basis)
    average = figures.get(AVERAGE)
    pages = len(view.paged) if len(view.paged) < len(view.corridors) else None
    headline = findings.headline(data, figures, earlier, target, part=view.part, all_held=pages is not None)
    lead = findings.lead(data, figures, part=view.part, pages=pages)
    moved_since = compare.earlier_period(data, figures, view.as_of, each_corridor=True)
    late = [
        f"{source.name} is {'stale' if source.state == 'stale' else 'without fresh prices'}"
        for source in site.sources_of(view)
        if source.state in ("stale", "held", "failing")
    ]
    name = "World average cost" if findings.covers_world(data, figures) else "The average cost"
    trend = trends.world_trend(figures, name, target, parts=view.parts)
    services = numbers.counted(average.services, "service") if average else "0 services"
    corridors = numbers.counted(average.corridors if average else 0, "corridor")
    ranking = ranked(site, view)
    return render(
        site,
        "overview.html",
        path,
        title=f"{headline} · {wording.basis_name(view.basis)} {data.period} · remitwatch",
        description=lead,
        strip=strip(site, view, "USD 200 unless stated", f"{services} in {corridors}"),
        page="overview",
        switch=[
            {"name": wording.basis_name(other.basis), "href": site.overview(other), "current": other is view}
            for other in site.views
        ],
        view=view,
        headline=headline,
        lead=lead,
        big=_big(view, earlier),
        trend=trend,
        cards=promises.cards(site.data.targets, figures, view.basis),
        judged=_judged(view),
        findings=findings.findings(data, figures, earlier, view.undisclosed(), late[:2]),
        earlier=earlier,
        indicators=indicators(view, earlier),
        first=_first(view),
        regions=_regions(view),
        groups=group_tables(figures, WORLD),
        ranking=ranking,
        ranking_shown=ranking["rows"] if len(ranking["rows"]) <= SHOWN_WHOLE else [],
        movers=_movers(site, view, moved_since),
        moved_since=moved_since,
        untold="" if earlier else compare.untold(data, figures),
        others=_others(site, view),
        missing_lines=missing.missing(site),
        sources=site.sources_of(view),
        downloads=_downloads(site, view),
    )


def _big(view: BasisView, earlier: Earlier | None) -> dict[str, Any] | None:
    value, fee, margin = (view.figures.value(code) for code in (AVERAGE, FEE, MARGIN))
    if value is None:
        return None
    change = compare.difference(view.figures, AVERAGE, earlier)
    split = None
    if fee is not None and margin is not None and fee >= 0 and margin >= 0:
        split = {
            "bar": bars.big_bar(fee, margin),
            "fee": numbers.money(fee * 2, "USD"),
            "margin": numbers.money(margin * 2, "USD"),
        }
    words = None
    if change is not None and earlier is not None:
        words = earlier.head[0].lower() + earlier.head[1:]
        same = compare.direction(value, value - change) in ("same", "hardly")
        words = f"Unchanged {words}" if same else f"{numbers.change(change)} points {words}"
    return {
        "value": numbers.number(value),
        "change": words,
        "split": split,
        "part": view.part.words if view.part else "",
    }


def _judged(view: BasisView) -> str:
    if findings.covers_world(view.data, view.figures):
        return "The world’s own targets, each judged on the figure it names. A target without its figure is not judged."
    figure = view.figures.get(AVERAGE)
    corridors = numbers.counted(figure.corridors if figure else 0, "corridor")
    return f"The world’s targets, held against these {corridors}: a yardstick, not the official verdict."


def _first(view: BasisView) -> str | None:
    held = view.figures.steady(AVERAGE)
    return held[0].period if len(held) > 1 else None


def indicators(view: BasisView, earlier: Earlier | None) -> list[Indicator]:
    """The rows of the indicator table; an absent figure is a row with its reason."""
    first = _first(view)
    rows = []
    for code, amount, name, sub, behind in _INDICATORS:
        figure = view.figures.get(code, WORLD, amount)
        if figure is None and code in ("share_services_within_day", "share_transparent"):
            continue
        value = figure.value if figure else None
        change = compare.difference(view.figures, code, earlier, WORLD, amount)
        start = view.figures.at(code, first, WORLD, amount) if first else None
        since = value - start.value if value is not None and start is not None and start.value is not None else None
        past = [(one.period, one.value) for one in view.figures.steady(code, WORLD, amount) if one.value is not None]
        held = [[number for _, number in run] for run in line.without_gaps(past[-60:])]
        rows.append(
            Indicator(
                name=name,
                sub=sub,
                value=None if value is None else numbers.percent(value),
                change="–" if change is None else numbers.change(change),
                since="–" if since is None else numbers.change(since),
                spark=bars.spark(held if value is not None else []),
                behind=_behind(figure, behind),
                missing=_missing(figure),
            )
        )
    return rows


def _behind(figure: Figure | None, what: str) -> str:
    if figure is None:
        return "–"
    if what == "corridors":
        return numbers.counted(figure.corridors, "corridor")
    return numbers.counted(figure.services, "service")


def _missing(figure: Figure | None) -> str:
    if figure is None:
        return "Not among the figures of this edition."
    return next((wording.ABSENT[flag] for flag in figure.flags if flag in wording.ABSENT), "No service to count.")


def _regions(view: BasisView) -> dict[str, Any] | None:
    figures = view.figures
    rows = []
    for place in figures.places("region"):
        figure = figures.get(AVERAGE, place)
        if figure is not None and figure.value is not None:
            rows.append((figure.value, place[1], place, figure))
    if not rows:
        return None
    rows.sort()
    held = {place: figures.steady(AVERAGE, place) for _, _, place, _ in rows}
    periods = sorted({figure.period for series in held.values() for figure in series}, key=numbers.period_days)
    table = []
    scale = bars.BarScale(
        [value for value, *_ in rows], [figures.value(FEE, place) or Decimal(0) for *_, place, _ in rows]
    )
    for value, name, place, figure in rows:
        bar = scale.bar(figures.value(FEE, place), figures.value(MARGIN, place), value)
        table.append({"name": name, "value": value, "bar": bar, "figure": figure})
    panels = []
    if len(periods) > 2:
        top = max(float(past.value) for series in held.values() for past in series if past.value is not None)
        panels = [
            _panel(number, name, figure, held[place], periods, max(top * 1.05, 5.5))
            for number, (_, name, place, figure) in enumerate(rows)
        ]
    return {"rows": table, "axis": scale.axis(), "panels": panels}


def _panel(
    number: int, name: str, figure: Figure, series: list[Figure], periods: list[str], top: float
) -> dict[str, Any]:
    """One panel of the small multiples of regions: a region without an earlier figure is a point at the end."""
    start, end = numbers.period_days(periods[0])[0], numbers.period_days(periods[-1])[1]
    held = line.without_gaps([(past.period, past.value) for past in series if past.value is not None])
    points = [
        [((line.middle(period) - start).days / max((end - start).days, 1), value) for period, value in run]
        for run in held
    ]
    moved, title = "no earlier figure", f"{name}: {numbers.percent(figure.value)}"
    if len(series) > 1 and figure.value is not None and series[0].value is not None:
        moved = f"{numbers.change(figure.value - series[0].value)} points since {_short(series[0].period)}"
        title = f"{name}: {numbers.percent(series[0].value)} in {series[0].period}, {numbers.percent(figure.value)} now"
    behind = f"{numbers.counted(figure.services, 'service')}, {numbers.counted(figure.corridors, 'corridor')}"
    points = points or [[(1.0, figure.value or Decimal(0))]]
    ends = (_short(periods[0]), _short(periods[-1]))
    return {"name": name, "sub": f"{moved} · {behind}", "svg": bars.panel(f"region{number}t", title, points, top, ends)}


def _short(period: str) -> str:
    if numbers.period_kind(period) in ("day", "week"):
        return numbers.short_day(numbers.period_days(period)[0])
    return period


def _movers(site: Site, view: BasisView, earlier: Earlier | None) -> dict[str, Any] | None:
    cheaper, dearer = compare.movers(view.figures, earlier)
    if earlier is None or not cheaper + dearer:
        return None
    scale = ChangeScale([(mover.fee, mover.margin) for mover in cheaper + dearer])

    def rows(movers: list[Mover]) -> list[Mapping[str, Any]]:
        return [
            {
                "name": wording.corridor_name(f"{mover.place[1]}-{mover.place[2]}"),
                "href": site.corridor_link(view, f"{mover.place[1]}-{mover.place[2]}"),
                "reason": compare.reason(mover),
                "span": f"{numbers.number(mover.before)} → {numbers.percent(mover.now)}",
                "change": numbers.change(mover.change),
                "bar": scale.bar(mover.fee, mover.margin),
            }
            for mover in movers
        ]

    return {"cheaper": rows(cheaper), "dearer": rows(dearer)}


def _others(site: Site, view: BasisView) -> list[dict[str, Any]]:
    """The same question on every basis, side by side, this one included."""
    rows = []
    for other in site.views:
        figure = other.figures.get(AVERAGE)
        smart = findings.smart_count(other.figures)
        rows.append({
            "name": wording.basis_name(other.basis),
            "what": wording.BASES_MEAN.get(other.basis, ""),
            "href": site.overview(other),
            "me": other is view,
            "period": other.data.period,
            "value": None if figure is None or figure.value is None else numbers.percent(figure.value),
            "smart": f"{smart.within} of {smart.assessed}" if smart.assessed else "–",
            "services": figure.services if figure else 0,
            "corridors": figure.corridors if figure else 0,
        })  # fmt: skip
    return rows


def _downloads(site: Site, view: BasisView) -> list[tuple[str, str, str]]:
    found = [
        ("csv/indicators.csv", "Indicators of all bases", "CSV"),
        ("csv/history.csv", "Indicators over time", "CSV"),
        ("csv/corridors.csv", "Corridors ranked", "CSV"),
        ("csv/movers.csv", "What moved", "CSV"),
        ("csv/services.csv", "Services behind the figures", "CSV"),
        ("csv/targets.csv", "Targets", "CSV"),
        ("csv/sources.csv", "Sources and terms", "CSV"),
        ("manifest.json", "Manifest: runs, files, checksums", "JSON"),
    ]
    for kind in ("svg", "png"):
        path = f"figures/world-{view.basis}.{kind}"
        if path in site.figure_files:
            found.append((path, "Figure: the average over time", kind.upper()))
    for kind in ("svg", "png"):
        path = f"figures/corridors-{view.basis}.{kind}"
        if path in site.figure_files:
            found.append((path, "Figure: corridors by cost", kind.upper()))
    return found
