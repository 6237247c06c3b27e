"""The overview of one basis: finding, headline number, targets, findings, indicators, map, regions, ranking, movers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reports import compare, findings, missing, movers, numbers, promises, trends, wording
from reports.charts import bars
from reports.charts.bars import ChangeScale
from reports.compare import Earlier
from reports.cost_map import cost_map
from reports.findings import AVERAGE, FEE, MARGIN, services_in_corridors
from reports.groups import group_tables
from reports.indicator_table import first_period, indicators
from reports.key_findings import key_findings
from reports.language import N_, Words, _, ngettext, pgettext
from reports.lookup import WORLD
from reports.movers import Mover
from reports.ranking import ranked
from reports.regions import regions
from reports.site import PAGE, BasisView, Site, figure_path, render, strip

SHOWN_WHOLE = 24
"""Up to this many corridors the overview ranks all of them; beyond, the eight cheapest and dearest."""
MOST_MOVERS = 5
"""So many movers each way; the csv table has all."""
SECTIONS = Words({
    "indicators": N_("The indicators"),
    "regions": N_("Where it costs most"),
    "groups": N_("By speed, type and instrument"),
    "ranking": N_("Corridors by cost"),
    "movers": N_("What moved, and why"),
    "missing": N_("What is missing"),
})  # fmt: skip
"""The parts of the page that findings lead to."""


def render_overview(site: Site, view: BasisView, layout: str = PAGE) -> str:
    """The page of a basis, or with the layout `BRIEF` what is printed of it."""
    figures, data = view.figures, view.data
    earlier = compare.earlier_period(data, figures, view.as_of)
    target = promises.cost_target(site.data.targets, view.basis)
    world = findings.covers_world(data, figures)
    pages = len(view.paged) if len(view.paged) < len(view.corridors) else None
    headline = findings.headline(data, figures, earlier, target, part=view.part, all_held=pages is not None)
    lead = findings.lead(data, figures, part=view.part, pages=pages)
    ranking = ranked(site, view)
    return render(
        site,
        "overview.html",
        site.overview(view),
        layout=layout,
        kind=_("Overview brief"),
        title=pgettext("title of a page", "{page} · {basis} {period} · remitwatch", page=headline,
                       basis=wording.basis_name(view.basis), period=data.period),
        description=lead,
        strip=strip(site, view, _("USD 200 unless stated"), services_in_corridors(figures.get(AVERAGE))),
        page="overview",
        switch=[
            {"name": wording.basis_name(other.basis), "href": site.overview(other), "current": other is view}
            for other in site.views
        ],
        view=view,
        headline=headline,
        lead=lead,
        big=_big(view, earlier),
        trend=trends.world_trend(figures, target, world=world, parts=view.parts),
        cards=promises.cards(site.data.targets, figures, view.basis, coverage=data.coverage),
        judged=_judged(view),
        findings=key_findings(data, figures, earlier, view.undisclosed(), _late(site, view)),
        sections=SECTIONS,
        earlier=earlier,
        indicators=indicators(view, earlier),
        indicators_help=_indicators_help(view, earlier),
        first=first_period(view),
        maps=[made for end in ("receiver", "sender") if (made := cost_map(site, view, end))],
        regions=regions(view),
        groups=group_tables(figures, WORLD),
        ranking=ranking,
        ranking_shown=ranking["rows"] if len(ranking["rows"]) <= SHOWN_WHOLE else [],
        movers=_movers(site, view),
        untold="" if earlier else compare.untold(data, figures),
        others=_others(site, view),
        missing_lines=missing.missing(site),
        sources=site.sources_of(view),
        downloads=_downloads(site, view),
    )  # fmt: skip


def _late(site: Site, view: BasisView) -> list[str]:
    """The first two sources that are not fresh, a sentence each."""
    late = [source for source in site.sources_of(view) if source.state in ("stale", "held", "failing")]
    return [
        _("{source} is late.", source=wording.clean_text(source.name, 80)) if source.state == "stale"
        else _("{source} gives no fresh prices.", source=wording.clean_text(source.name, 80))
        for source in late[:2]
    ]  # fmt: skip


def _big(view: BasisView, earlier: Earlier | None) -> dict[str, Any] | None:
    value, fee, margin = (view.figures.value(code) for code in (AVERAGE, FEE, MARGIN))
    if value is None:
        return None
    split = None
    if fee is not None and margin is not None and fee >= 0 and margin >= 0:
        split = {
            "bar": bars.big_bar(fee, margin),
            "fee": numbers.money(fee * 2, "USD"),
            "margin": numbers.money(margin * 2, "USD"),
        }
    return {
        "value": numbers.number(value),
        "sign": numbers.percent_sign(),
        "change": _change(view, value, earlier),
        "split": split,
        "part": view.part.words if view.part else "",
        "words": _("Average total cost, fee and exchange-rate margin together. Target: under 3%."),
    }


def _change(view: BasisView, value: Decimal, earlier: Earlier | None) -> str:
    """How the headline number moved; empty where that is not told."""
    before = view.figures.at(AVERAGE, earlier.period) if earlier else None
    if earlier is None or before is None or before.value is None:
        return ""
    then, when = numbers.percent(before.value), earlier.words
    if compare.direction(value, before.value) in ("same", "hardly"):
        return _("Unchanged: {before} {when}.", before=then, when=when)
    change = numbers.change(value - before.value)
    return _("{change} points against {before} {when}.", change=change, before=then, when=when)


def _judged(view: BasisView) -> str:
    if findings.covers_world(view.data, view.figures):
        return _(
            "The world’s own targets, each judged on the figure it names. A target without its figure is not judged."
        )
    figure = view.figures.get(AVERAGE)
    return ngettext(
        "The world’s targets, held against this {n} corridor: a yardstick, not the official verdict.",
        "The world’s targets, held against these {n} corridors: a yardstick, not the official verdict.",
        figure.corridors if figure else 0,
    )


def _indicators_help(view: BasisView, earlier: Earlier | None) -> str:
    sentences = [_("Change in percentage points.")]
    if earlier is None and (why := compare.untold(view.data, view.figures)):
        sentences.append(why)
    for period, part in ((earlier.period, earlier.part) if earlier else ("", ""),
                         (view.data.period, view.part.words if view.part else "")):  # fmt: skip
        if part:
            sentences.append(_("{period}: {part}.", period=period, part=part))
    if first := first_period(view):
        sentences.append(_("Trend: from {period}, each on its own scale.", period=first))
    return " ".join(sentences)


def _movers(site: Site, view: BasisView) -> dict[str, Any]:
    """The largest changes each way, on one scale, and what they are counted from; without rows where nothing moved."""
    since = movers.since(view.data)
    if since is None:
        return {"help": "", "rows": [], "since": None}
    named = compare.named(view.data, since, view.as_of)
    cheaper, dearer = (found[:MOST_MOVERS] for found in movers.movers(view.data))
    scale = ChangeScale([_shares(one) for one in cheaper + dearer])
    against = pgettext("period and its part", "{when} ({part})", when=since, part=named.part) if named.part else since
    sentences = [
        _("Largest changes against {period}, of corridors with three services or more at both times.", period=against),
        _("The parts add up to the change."),
    ]
    rows = [
        (_("Cheaper"), _("No corridor became cheaper by 0.05 points or more."), cheaper),
        (_("Dearer"), _("No corridor became dearer by 0.05 points or more."), dearer),
    ]
    return {
        "help": " ".join(sentences),
        "since": since,
        "rows": [(head, nothing, _mover_rows(site, view, found, scale)) for head, nothing, found in rows]
        if cheaper or dearer
        else [],
    }


def _shares(mover: Mover) -> tuple[Decimal, Decimal, Decimal]:
    """What a bar of change shows: fee, margin and the rest; a change without told parts is all rest."""
    if mover.fee is None or mover.margin is None:
        return Decimal(0), Decimal(0), mover.change
    return mover.fee, mover.margin, mover.others


def _mover_rows(site: Site, view: BasisView, found: Sequence[Mover], scale: ChangeScale) -> list[dict[str, Any]]:
    rows = []
    for mover in found:
        key = f"{mover.place[1]}-{mover.place[2]}"
        rows.append({
            "name": wording.corridor_name(key),
            "href": site.corridor_link(view, key),
            "lead": movers.REASONS[mover.reason],
            "reason": movers.explained(mover),
            "before": numbers.percent(mover.before),
            "now": numbers.percent(mover.now),
            "change": numbers.change(mover.change),
            "bar": scale.bar(*_shares(mover)),
        })  # fmt: skip
    return rows


def _others(site: Site, view: BasisView) -> list[dict[str, Any]]:
    """The same question on every basis, side by side, this one included."""
    rows = []
    for other in site.views:
        figure = other.figures.get(AVERAGE)
        smart = findings.smart_count(other.figures)
        part, whole = numbers.count(smart.within), numbers.count(smart.assessed)
        judged = pgettext("so many of so many", "{part} of {whole}", part=part, whole=whole)
        rows.append({
            "name": wording.basis_name(other.basis),
            "what": wording.BASES_MEAN.get(other.basis, ""),
            "href": site.overview(other),
            "me": other is view,
            "period": other.data.period,
            "value": None if figure is None or figure.value is None else numbers.percent(figure.value),
            "smart": judged if smart.assessed else "–",
            "services": figure.services if figure else 0,
            "corridors": figure.corridors if figure else 0,
        })  # fmt: skip
    return rows


def _downloads(site: Site, view: BasisView) -> list[tuple[str, str, str]]:
    brief = site.brief_of(view)
    found = [
        *([(brief, _("Overview brief, to print"), "PDF")] if brief else []),
        ("csv/indicators.csv", _("Indicators of all bases"), "CSV"),
        ("csv/history.csv", _("Indicators over time"), "CSV"),
        ("csv/corridors.csv", _("Corridors ranked"), "CSV"),
        ("csv/movers.csv", _("What moved"), "CSV"),
        ("csv/services.csv", _("Services behind the figures"), "CSV"),
        ("csv/targets.csv", _("Targets"), "CSV"),
        ("csv/sources.csv", _("Sources and terms"), "CSV"),
        ("manifest.json", _("Manifest: runs, files, checksums"), "JSON"),
    ]
    for name, words in (
        (f"world-{view.basis}", _("Figure: the average over time")),
        (f"corridors-{view.basis}", _("Figure: corridors by cost")),
    ):
        drawn = ((figure_path(name, kind), kind) for kind in ("svg", "png"))
        found += [(path, words, kind.upper()) for path, kind in drawn if path in site.figure_files]
    return found
