"""What all pages of an edition share: which pages there are, their links, their frame, and the templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from remitwatch.errors import InputError
from reports import compare, language, names, numbers, promises, wording
from reports.corrections import Corrections, corrections
from reports.corridor_log import rows_by_corridor
from reports.held import Part, part_of
from reports.inputs import BasisInput, EditionInput, SourceLine
from reports.language import N_, _, pgettext, spoken
from reports.lookup import Figures, Offer, Place, Yearly, read_annual, read_figures, read_offers
from reports.parts import day_mark
from reports.provider_changes import Changes, changes
from reports.providers import Listed, ranks, read_providers
from reports.sharing import WORTH, beside
from reports.templating import rendered
from reports.typography import typeset

NAV = (
    # code of the page, its name, where it is
    ("overview", N_("Overview"), "index.html"),
    ("countries", N_("Countries"), "countries.html"),
    ("corridors", N_("Corridors"), "corridors.html"),
    ("providers", N_("Providers"), "providers.html"),
    ("method", N_("Method"), "methodology.html"),
    ("quality", N_("Data quality"), "quality.html"),
    ("downloads", N_("Downloads"), "downloads.html"),
    ("about", N_("About"), "about.html"),
)
"""The main links of every page, in order."""


@dataclass(frozen=True)
class BasisView:
    """One basis ready for pages: its figures and the services that may be listed, by corridor key."""

    data: BasisInput
    figures: Figures
    offers: dict[str, list[Offer]]
    promotions: dict[str, list[Offer]]
    private: Mapping[str, int]
    as_of: dt.date
    sources: tuple[SourceLine, ...] = ()
    chosen: frozenset[str] | None = None
    chosen_countries: frozenset[str] | None = None

    @property
    def basis(self) -> str:
        """`survey`, `standard` ..."""
        return self.data.basis

    @cached_property
    def ranks(self) -> dict[str, tuple[int, int]]:
        """By `ref` of an offer: its place among the listed services of its corridor, and of how many."""
        return ranks(self.offers)

    @property
    def page(self) -> str:
        """The name of its overview when it is not the lead basis."""
        return f"overview-{self.basis}.html"

    @cached_property
    def corridors(self) -> list[str]:
        """Keys of the corridors with a figure or a listed service."""
        keys = {f"{place[1]}-{place[2]}" for place in self.figures.places("corridor")}
        return sorted(keys | set(self.offers))

    @cached_property
    def parts(self) -> dict[str, Part]:
        """The periods held in part, this one and earlier ones."""
        periods = {self.data.period, *map(str, self.data.history["period"].unique())}
        parts = {period: part_of(self.data.days, period, self.as_of) for period in periods}
        return {period: part for period, part in parts.items() if part is not None}

    @property
    def part(self) -> Part | None:
        """Which part of the period shown is held, where it is not the whole."""
        return self.parts.get(self.data.period)

    @cached_property
    def paged(self) -> dict[str, None]:
        """Keys of the corridors that get a page, in order."""
        return {key: None for key in self.corridors if self.chosen is None or key in self.chosen}

    @cached_property
    def changes(self) -> dict[str, list[Mapping[Any, Any]]]:
        """The rows of the change log, by corridor; none where there is no log."""
        return {} if self.data.log is None else rows_by_corridor(self.data.log, self.sources)

    @cached_property
    def countries(self) -> dict[str, None]:
        """Codes of the countries that get a page: ends of a corridor with a figure or a listed service, in order."""
        ends = {code for key in self.corridors for code in key.split("-")}
        return {code: None for code in sorted(ends) if self.chosen_countries is None or code in self.chosen_countries}

    @cached_property
    def changes_from(self) -> str | None:
        """The period that changes of corridors count from, each compared with itself."""
        return compare.period_before(self.data, self.as_of)

    def corridors_of(self, way: str, code: str) -> list[str]:
        """Keys of the corridors to a country (`inbound`) or from it (`outbound`), in order."""
        return self._by_end[way].get(code, [])

    @cached_property
    def _by_end(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {"inbound": {}, "outbound": {}}
        for key in self.corridors:
            sender, receiver = key.split("-")
            found["outbound"].setdefault(sender, []).append(key)
            found["inbound"].setdefault(receiver, []).append(key)
        return found

    def listed(self, key: str, tier: int = 200) -> list[Offer]:
        """The listed services of a corridor at one amount, cheapest first, undisclosed ones last."""
        return [offer for offer in self.offers.get(key, []) if offer.tier == tier]

    def undisclosed(self) -> int:
        """How many listed services do not disclose their rate, at the first amount."""
        return sum(offer.total_pct is None for key in self.offers for offer in self.listed(key))


@dataclass(frozen=True)
class Site:
    """All of an edition. `corrections`: what changed since the edition before; None where there is none. `files`: the
    sizes, in bytes, of the files that are no pages, by path."""

    data: EditionInput
    views: tuple[BasisView, ...]
    corrections: Corrections | None = None
    figure_files: frozenset[str] = frozenset()
    files: Mapping[str, int] = field(default_factory=dict)
    label_mark: str | None = None

    @property
    def label(self) -> str:
        """`2026-Q3-1`; on pages that a later edition may take over a mark that stands for it (`reports.parts`)."""
        if self.label_mark is not None:
            return self.label_mark
        return self.data.period if self.data.number is None else f"{self.data.period}-{self.data.number}"

    @property
    def folder(self) -> str:
        """The folder of the pages in the language spoken: empty for the first language, else `fr/`."""
        code = spoken().code
        return "" if code == self.data.languages[0] else f"{code}/"

    def overview(self, view: BasisView) -> str:
        """Path of a basis' overview, as all paths of pages below the folder of the language."""
        return "index.html" if view is self.views[0] else view.page

    def corridor_page(self, view: BasisView, key: str) -> str:
        """Path of a corridor's page: the plain name belongs to the first basis that holds the corridor."""
        wording.corridor_parts(key)
        first = next(other for other in self.views if key in other.paged)
        return f"corridors/{key}.html" if view is first else f"corridors/{key}.{view.basis}.html"

    def corridor_link(self, view: BasisView, key: str) -> str | None:
        """Path of a corridor's page, None where it gets none."""
        return self.corridor_page(view, key) if key in view.paged else None

    @cached_property
    def official(self) -> dict[str, dict[str, Decimal]]:
        """The official corridor series: by corridor its quarters."""
        found: dict[str, dict[str, Decimal]] = {}
        for row in self.data.benchmarks.itertuples(index=False):
            value = numbers.decimal_of(row.value)
            if value is not None and numbers.period_kind(str(row.period)) == "quarter":
                found.setdefault(f"{row.sender}-{row.receiver}", {})[str(row.period)] = value
        return found

    @cached_property
    def providers(self) -> dict[str, Listed]:
        """The providers with a page, by key, in the order of their names."""
        return read_providers((view.basis, view.offers, view.promotions) for view in self.views)

    @cached_property
    def provider_changes(self) -> dict[str, dict[str, Changes]]:
        """By basis and provider: what moved since the previous period."""
        return {view.basis: changes(view.data, self.data.sources) for view in self.views}

    def provider_link(self, key: str) -> str | None:
        """Path of a provider's page, None where it gets none."""
        found = self.providers.get(key)
        return found.path if found else None

    def country_page(self, view: BasisView, code: str) -> str:
        """Path of a country's page: the plain name belongs to the first basis that holds the country."""
        names.country(code)
        first = next(other for other in self.views if code in other.countries)
        return f"countries/{code}.html" if view is first else f"countries/{code}.{view.basis}.html"

    def country_link(self, code: str, view: BasisView | None = None) -> str | None:
        """Path of a country's page, None where it gets none: on the basis of `view` if it holds the country, else on
        the first that does."""
        holding = [other for other in self.views if code in other.countries]
        if not holding:
            return None
        return self.country_page(next((other for other in holding if other is view), holding[0]), code)

    @cached_property
    def official_corridors(self) -> dict[str, dict[str, Decimal]]:
        """The official corridor series by corridor and quarter, per cent."""
        found: dict[str, dict[str, Decimal]] = {}
        for row in self.data.benchmarks.itertuples(index=False):
            value = numbers.decimal_of(row.value)
            if value is not None and numbers.period_kind(str(row.period)) == "quarter":
                found.setdefault(f"{row.sender}-{row.receiver}", {})[str(row.period)] = value
        return found

    @cached_property
    def official_countries(self) -> dict[tuple[str, str], list[tuple[str, str, Decimal]]]:
        """What others publish of a sender or receiver (scope and code): series, period and value, per cent, by series,
        the newest period first."""
        found: dict[tuple[str, str], list[tuple[str, str, Decimal]]] = {}
        for row in self.data.about_countries.official.itertuples(index=False):
            value = numbers.decimal_of(row.value)
            if value is not None:
                place = (str(row.scope), str(getattr(row, str(row.scope))))
                found.setdefault(place, []).append((str(row.series), str(row.period), value))
        return {
            place: sorted(sorted(rows, key=lambda row: row[1], reverse=True), key=lambda row: row[0])
            for place, rows in found.items()
        }

    @cached_property
    def annual(self) -> dict[tuple[str, str, Place], dict[str, Yearly]]:
        """The figures that stand for years, by basis, indicator and place, then by year, the newest first."""
        return read_annual(self.data.annual)

    def brief_of(self, view: BasisView, code: str | None = None) -> str | None:
        """Path, below the edition's root, of a country's brief (None: the overview's) where one lies in the edition in
        the language spoken. It is of the first basis that holds the country."""
        path = brief_path(code or "overview")
        first = next(other for other in self.views if code is None or code in other.countries)
        return path if path in self.files and view is first else None

    def source(self, key: str) -> SourceLine | None:
        """The line of a source."""
        return next((source for source in self.data.sources if source.key == key), None)

    def sources_of(self, view: BasisView) -> list[SourceLine]:
        """The sources behind the listed services of a basis and their reference rates, in order of name."""
        used = {offer.source for offers in view.offers.values() for offer in offers}
        for offer in (offer for offers in view.offers.values() for offer in offers):
            used |= set(offer.reference_source.split("+"))
        return sorted((source for source in self.data.sources if source.key in used), key=lambda source: source.name)


def make_site(data: EditionInput) -> Site:
    """The pages' view of an edition's data. Raises InputError when no basis is given or one is named twice,
    StorageError when the figures of the edition before are not readable."""
    if not data.bases:
        raise InputError("an edition needs the figures of one basis at least")
    names = [basis.basis for basis in data.bases]
    if len(set(names)) != len(names) or not all(name.isascii() and name.isalpha() and name.islower() for name in names):
        raise InputError(f"bases of an edition: expected different lower-case names, got {names}")
    with beside(partial(corrections, data), alone=data.previous is None or data.listed < WORTH) as corrected:
        views = tuple(view_of(basis, data) for basis in data.bases)
        targets = data.targets
        for view in views:
            targets = promises.sound(targets, view.data, view.figures)
        return Site(replace(data, targets=targets), views, corrected())


def view_of(basis: BasisInput, data: EditionInput) -> BasisView:
    """One basis of an edition as its pages see it: the terms of its sources applied."""
    return BasisView(
        data=basis,
        figures=read_figures(basis),
        offers=read_offers(basis.services, data.sources),
        promotions=read_offers(basis.promotions, data.sources, promotions=True),
        private=basis.private,
        as_of=data.as_of.date(),
        sources=data.sources,
        chosen=None if data.corridors is None else frozenset(data.corridors),
        chosen_countries=None if data.countries is None else frozenset(data.countries),
    )


def figure_path(name: str, kind: str) -> str:
    """Where a figure in the language spoken stands in the edition: `figures/world-survey.en.svg`."""
    return f"figures/{name}.{spoken().code}.{kind}"


def brief_path(name: str) -> str:
    """Where a brief in the language spoken stands in the edition: `briefs/overview.en.pdf`, `briefs/KEN.fr.pdf`."""
    return f"briefs/{name}.{spoken().code}.pdf"


def corridor_place(key: str) -> Place:
    """The place of a corridor key."""
    sender, receiver = wording.corridor_parts(key)
    return ("corridor", sender, receiver)


PAGE, BRIEF = "base.html", "brief.html"
"""The layouts: a page of the edition, and what is printed of it as a PDF. Templates ask `brief` what to leave out."""


def render(site: Site, template: str, path: str, *, title: str, description: str, strip: list[str], page: str,
           switch: list[Mapping[str, Any]], layout: str = PAGE, **view: Any) -> str:  # fmt: skip
    """One page of the edition in the language spoken, at `path` below its folder. `switch` lists the same page on the
    other bases. In templates `root` leads to the edition's root, `home` to the root of the language's pages."""
    now, first = language.spoken(), site.data.languages[0]
    root = "../" * (path.count("/") + site.folder.count("/"))
    made = rendered(
        template,
        site=site,
        root=root,
        home=root + site.folder,
        language=now,
        languages=[
            {"language": language.language(code), "href": root + ("" if code == first else f"{code}/") + path}
            for code in site.data.languages
        ],
        nav=NAV,
        layout=layout,
        brief=layout == BRIEF,
        path=path,
        title=title,
        description=description,
        strip=strip,
        page=page,
        switch=switch,
        percent_sign=numbers.percent_sign(),
        sandbox=_(wording.SANDBOX_WORDS) if site.data.world == "sandbox" else None,
        as_of_day=day_mark(site.data.as_of.date()),
        **view,
    )  # fmt: skip
    return typeset(made)


def strip(site: Site, view: BasisView, *extra: str) -> list[str]:
    """The facts of the strip under the page's head, after the edition."""
    name = wording.basis_name(view.basis)
    period = _("latest prices") if numbers.period_kind(view.data.period) == "latest" else view.data.period
    if view.part:
        period = _("{period} ({part})", period=period, part=view.part.words)
    named = pgettext("basis and its period", "{basis}, {period}", basis=name, period=period)
    return [named, *extra, _("Method version {method}", method=site.data.method)]
