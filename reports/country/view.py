"""Everything that the page and the brief of a country say, as values in the language spoken."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from remitwatch.countries import countries
from remitwatch.targets import Progress
from reports import compare, names, numbers, wording
from reports.compare import Earlier
from reports.country.cheapest import Cheapest, cheapest
from reports.country.compared import Compared, compared
from reports.country.corridors import CorridorTable, corridor_table, why_absent
from reports.country.gaps import gaps_of
from reports.country.groups import Groups, groups_of
from reports.country.history import HistoryView, history_of
from reports.country.official import OfficialRow, official_rows
from reports.country.path import PathView, path_of
from reports.country.review import Review, review_of, sources_of
from reports.country.targets import TargetRow, average_progress, status_code, status_words, target_rows
from reports.country.ways import SENDING, TITLES, WAYS, Way, place_of, said
from reports.country.words import CEILING, headline, lead
from reports.country.worth import Worth, worth_of
from reports.findings import AVERAGE
from reports.inputs import SourceLine
from reports.language import _, ngettext
from reports.lookup import Figure
from reports.site import BasisView, Site


@dataclass(frozen=True)
class Side:
    """One way of the country's money: inbound or outbound.

    `value` is empty where there is no average, `number` is it without its sign; `absent` then says why. `change` in
    words, empty where none is stated. `behind`: services and corridors behind the average, in words. `worth_words`:
    what the 3 % target is worth a year, empty where it cannot be counted. `private`: services handed in privately
    among them.
    """

    way: Way
    title: str
    sending: str
    figure: Figure | None
    value: str
    number: str
    absent: str
    change: str
    behind: str
    progress: Progress | None
    status: tuple[str, str, str] | None
    lead: str
    table: CorridorTable
    below: str
    closest: str
    path: PathView | None
    targets: tuple[TargetRow, ...]
    groups: Groups
    cheapest: Cheapest
    worth: Worth
    worth_words: str
    compared: Compared | None
    private: int
    undisclosed: int

    @property
    def shown(self) -> bool:
        """Whether there is a corridor to show."""
        return bool(self.table.rows)


@dataclass(frozen=True)
class CountryView:
    """A country on one basis. `sides`: the leading way first; a way without corridors has `shown` False."""

    code: str
    name: str
    region: str
    basis: str
    basis_words: str
    period: str
    headline: str
    lead: str
    sides: tuple[Side, ...]
    history: HistoryView
    official: tuple[OfficialRow, ...]
    review: Review
    gaps: tuple[str, ...]
    flows: str
    flows_year: int | None
    flows_source: str
    sources: tuple[SourceLine, ...]

    @property
    def leading(self) -> Side:
        """The way that the page begins with."""
        return self.sides[0]

    @property
    def worth(self) -> Side | None:
        """The first way of which it can be counted what the 3 % target is worth."""
        return next((side for side in self.sides if side.worth_words), None)


def ways_of(view: BasisView, code: str) -> tuple[Way, ...]:
    """The two ways, that with more corridors first; inbound first where they have as many."""
    inbound, outbound = (len(view.corridors_of(way, code)) for way in WAYS)
    return ("outbound", "inbound") if outbound > inbound else ("inbound", "outbound")


def country_view(site: Site, view: BasisView, code: str) -> CountryView:
    """The values of a country. It has a corridor with a figure or a listed service in one way at least."""
    ways = ways_of(view, code)
    sides = tuple(_side(site, view, way, code) for way in ways)
    tables = {side.way: side.table for side in sides}
    shown = tuple(side.way for side in sides if side.shown)
    region = countries()[code].region
    flows = site.data.about_countries.flows
    return CountryView(
        code=code,
        name=names.country(code),
        region=names.region(region) if region else "",
        basis=view.basis,
        basis_words=wording.basis_name(view.basis),
        period=view.data.period,
        headline=headline(code, tables, shown, view),
        lead=sides[0].lead,
        sides=sides,
        history=history_of(site, view, shown, code),
        official=official_rows(site, view, code),
        review=review_of(site, view, shown, code),
        gaps=gaps_of(site, view, code),
        flows=flows.name if flows else "",
        flows_year=flows.year if flows else None,
        flows_source=wording.clean_text(site.data.about_countries.flows_source, 300) if flows else "",
        sources=sources_of(site, view, code),
    )


def _side(site: Site, view: BasisView, way: Way, code: str) -> Side:
    figures, place = view.figures, place_of(way, code)
    figure = figures.get(AVERAGE, place)
    value = figure.value if figure else None
    earlier = compare.earlier_period(view.data, figures, view.as_of, place)
    table = corridor_table(site, view, way, code)
    found = average_progress(view, way, code)
    worth = worth_of(site, view, way, code)
    judged = table.judged
    keys = view.corridors_of(way, code)
    return Side(
        way=way,
        title=said(TITLES, way, code),
        sending=said(SENDING, way, code),
        figure=figure,
        value="" if value is None else numbers.percent(value),
        number="" if value is None else numbers.number(value),
        absent="" if value is not None else why_absent(figure),
        change=_change(view, way, code, value, earlier),
        behind=_behind(figure),
        progress=found,
        status=None if found is None else status_words(status_code(found)),
        lead=lead(code, way, table, view, earlier),
        table=table,
        below=_("{some} of {all}", some=numbers.count(table.below(CEILING)), all=numbers.count(len(judged)))
        if judged
        else "",
        closest=_("cheapest: {name}, {cost}", name=judged[0].name, cost=judged[0].value) if judged else "",
        path=path_of(figures, way, code, found),
        targets=target_rows(site, view, way, code, found),
        groups=groups_of(figures, place, f"{way}-groups"),
        cheapest=cheapest(site, view, way, code),
        worth=worth,
        worth_words=_worth_words(worth),
        compared=compared(site, view, way, code),
        private=sum(view.private.get(key, 0) for key in keys),
        undisclosed=sum(offer.total_pct is None for key in keys for offer in view.listed(key)),
    )


def _change(view: BasisView, way: Way, code: str, now: Decimal | None, earlier: Earlier | None) -> str:
    before = view.figures.at(AVERAGE, earlier.period, place_of(way, code)) if earlier else None
    if now is None or before is None or before.value is None or earlier is None:
        return ""
    return _("{change} points since {period}", change=numbers.change(now - before.value), period=earlier.period)


def _behind(figure: Figure | None) -> str:
    if figure is None:
        return ""
    services = ngettext("{n} service", "{n} services", figure.services)
    return ngettext("{services} in {n} corridor", "{services} in {n} corridors", figure.corridors, services=services)


def _worth_words(worth: Worth) -> str:
    if not worth.total:
        return ""
    return _("USD {millions} m", millions=numbers.number(worth.total[1], 0 if worth.total[1] >= 10 else 1))
