"""The digests of what pages are made from, so that a page whose figures did not change is not made again.

A digest must hold everything that its page shows. What is not said here must not be shown by the page: a page that
comes to show more says it here, too; `tests/reports/test_parts.py` compares pages taken over with pages made anew.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from reports import corridor_beside, numbers
from reports.inputs import SourceLine
from reports.parts import digest_of
from reports.row_digest import of_rows
from reports.site import BasisView, Site


class Inputs:
    """The digests of the pages of an edition, in the language spoken."""

    def __init__(self, site: Site) -> None:
        self._site = site
        data, about = site.data, site.data.about_countries
        self._whole = {view.basis: _of_view(view) for view in site.views}
        self._shared = digest_of(
            [(view.basis, sorted(view.paged), sorted(view.countries)) for view in site.views],
            sorted((key, listed.path) for key, listed in site.providers.items()),
            str(about.flows), of_rows((data.benchmarks, data.annual)),
            data.world, data.method, data.languages, data.contact,
        )  # fmt: skip
        self._of_countries = digest_of(
            about.flows_source, about.events, of_rows([about.official]),
            [sorted(target.items()) for target in data.targets if target.get("national")],
            [_source(line) for line in data.sources],
        )  # fmt: skip
        self._held = sorted(line.key for line in data.sources if line.state == "held")

    def of_corridor(self, view: BasisView, key: str) -> str:
        """Of the page of a corridor on one basis: everything of its basis (it stands beside its neighbours), what it
        says of itself on the other bases and of the official series; what it links to; its sources; the days that ages
        count from."""
        site = self._site
        return digest_of(
            "corridor", view.basis, self._whole[view.basis], self._shared, self._days(view), self._held,
            [key in other.paged for other in site.views],
            corridor_beside.bases(site, key, view),
            corridor_beside.official(site, key, site.official.get(key, {})),
            [other.listed(key) for other in site.views if other.basis == "estimate" and view.basis == "standard"],
            self._sources(view, key),
            sorted(path for path in site.figure_files if path.startswith(f"figures/{key}-")),
        )  # fmt: skip

    def of_country(self, view: BasisView, code: str) -> str:
        """Of the page of a country on one basis: everything of its basis, what is known of all countries (flows,
        official figures, national targets, events), every source, what it links to, the days that ages count from."""
        return digest_of(
            "country", code, view.basis, self._whole[view.basis], self._shared, self._of_countries, self._days(view)
        )

    def _days(self, view: BasisView) -> tuple[dt.date, dt.date | None]:
        """The day that ages count from, and the day of the edition where its basis is collected by day."""
        reference = today = self._site.data.as_of.date()
        if numbers.period_kind(view.data.period) != "latest":
            reference = min(reference, numbers.period_days(view.data.period)[1])
        return reference, today if view.data.days else None

    def _sources(self, view: BasisView, key: str) -> list[Any]:
        offers = [*view.offers.get(key, ()), *view.promotions.get(key, ())]
        used = {offer.source for offer in offers}.union(*(offer.reference_source.split("+") for offer in offers))
        return [_source(line) for line in self._site.data.sources if line.key in used]


def _source(line: SourceLine) -> tuple[Any, ...]:
    """What pages say of a source; its age only where it is late."""
    late = line.state != "ok"
    return (line.key, line.name, line.attribution, line.licence, line.terms_url, line.redistribution, line.state,
            (line.age_days, line.note, line.last_ok) if late else None)  # fmt: skip


def _of_view(view: BasisView) -> str:
    """The digest of everything that is given of a basis."""
    data = view.data
    return digest_of(
        data.rows_digest,
        None if data.log is None else (data.log.first, data.log.last, sorted(data.log.left.items())),
        data.period, data.previous_period, data.coverage, sorted(data.private.items()), data.days,
    )  # fmt: skip
