"""The page of everything to take away: the files that really are in the edition, how to cite and load them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from remitwatch.countries import countries
from reports import names, numbers, wording
from reports.language import N_, NP_, Words, _, pgettext, spoken
from reports.site import Site, render

MOST_FILES = 40
"""Of a group with more files than this the first ones are listed, and the rest is counted."""
_GROUPS = (
    # code of the group, the folders and files in it, its name, what it is
    (
        "tables",
        ("csv/", "figures.csv.gz"),
        N_("Tables"),
        N_("CSV, UTF-8, a point in decimals, every digit kept; cells are never live formulas."),
    ),
    ("workbook", ("xlsx/",), N_("Workbook"), N_("The same for Excel and LibreOffice, with charts. No macros.")),
    (
        "sdmx",
        ("sdmx/",),
        N_("SDMX"),
        N_("The SDG indicator 10.c.1 in the columns and codes of the global dataflow, as a national report."),
    ),
    (
        "package",
        (
            "datapackage.json",
            "csv/csv-metadata.json",
            "csv/countries/csv-metadata.json",
            "csv/countries/schema.json",
            "sdmx/csv-metadata.json",
        ),
        N_("Descriptions for programs"),
        N_("Frictionless Data Package and CSV on the Web: types, units and keys of every column."),
    ),
    (
        "api",
        ("api/",),
        N_("Static JSON API"),
        N_("Stable names; an address that is not there means: not covered. OpenAPI describes it."),
    ),
    ("survey", ("survey/", "survey-layout/"), N_("Survey layout"), N_("Rows in the columns of the survey’s workbook.")),
    (
        "briefs",
        ("briefs/",),
        N_("Briefs"),
        N_("PDF, to print and to hand on. Each names the edition in which it first stood as it is."),
    ),
    (
        "figures",
        ("figures/",),
        NP_("charts", "Figures"),
        N_("SVG and PNG for print, with title, unit and source line."),
    ),
    (
        "manifest",
        ("manifest.json",),
        N_("Manifest"),
        N_("Every run, source, licence and file of the edition with its checksum."),
    ),
)
_PARTS_OF_PAGES = (".html", ".css", ".js", ".woff2")
_ABOUT_A_PLACE = re.compile(r"(?P<sender>[A-Z]{3})(-(?P<receiver>[A-Z]{3}))?[.-]")
HOLDS = Words({
    "indicators.csv": N_("Every figure of the period: all scopes, both amounts, groups, with n and flags"),
    "history.csv": N_("The figures of earlier periods"),
    "corridors.csv": N_("One line a corridor: averages, parts, SmaRT, n"),
    "movers.csv": N_("What moved since the earlier period, and which part of it"),
    "services.csv": N_("Every listed service with its cost and where it comes from"),
    "promotions.csv": N_("Promotions, apart from all averages"),
    "official_series.csv": N_("Official corridor series, as published"),
    "targets.csv": N_("Targets, and how the figures stand towards them"),
    "sources.csv": N_("Sources with their terms and freshness"),
    "runs.csv": N_("The runs behind the figures"),
    "columns.csv": N_("What every column of every table means"),
    "corrections.csv": N_("What changed against the edition before"),
    "figures.csv.gz": N_("Every figure of the edition, for the corrections of the next one"),
    "README.md": N_("How to read the tables"),
    "datapackage.json": N_("Frictionless Data Package"),
    "csv-metadata.json": N_("CSV on the Web"),
    "schema.json": N_("The columns of the tables by country"),
    "sdg-10c1.csv": N_("SDG indicator 10.c.1 by year"),
    "index.json": N_("The edition, and where everything is"),
    "indicators.json": N_("Every figure of the period"),
    "corridors.json": N_("All corridors"),
    "countries.json": N_("All countries"),
    "providers.json": N_("All providers"),
    "sources.json": N_("Sources with their terms"),
    "targets.json": N_("Targets"),
    "openapi.json": N_("Description of the API"),
    "manifest.json": N_("The manifest"),
})  # fmt: skip
"""What a file holds, by its name."""
_FIGURES = Words({
    "world": N_("Figure: the average over time"),
    "corridors": N_("Figure: corridors by cost"),
})  # fmt: skip
"""What a figure shows, by the first part of its name."""


@dataclass(frozen=True)
class File:
    """A file of the edition: its path, its name without the folder of its group, what it holds, kind and size."""

    path: str
    name: str
    holds: str
    kind: str
    size: str


def render_downloads(site: Site) -> str:
    """The page of the files in `site.files`; the manifest, which is written after it, has no size."""
    files = {**_offered(site), "manifest.json": None}
    groups = _groups(files)
    shown = [line for line in site.data.sources if line.redistribution != "none"]
    return render(
        site,
        "downloads.html",
        "downloads.html",
        title=_("Downloads, {period} · remitwatch", period=site.data.period),
        description=_("Every file of this edition. Figures are frozen: what you cite will still be there."),
        strip=[_("Method version {method}", method=site.data.method)],
        page="downloads",
        switch=[],
        headline=_("Take the figures with you"),
        groups=groups,
        cite=_cite(site),
        licences=sorted({(line.attribution, line.licence) for line in shown}),
        derived=numbers.listed(sorted(line.name for line in shown if line.redistribution == "derived")),
        indicators="csv/indicators.csv" if "csv/indicators.csv" in files else "",
        columns="csv/columns.csv" if "csv/columns.csv" in files else "",
        workbook=next((path for path in files if path.endswith(".xlsx")), ""),
        basis=site.views[0].basis,
    )


def _offered(site: Site) -> dict[str, int | None]:
    """The files to take away, by path: of files in several languages those in the language spoken."""
    others = {f".{code}" for code in site.data.languages if code != spoken().code}
    return {
        path: site.files[path]
        for path in sorted(site.files)
        if not path.endswith(_PARTS_OF_PAGES) and path != "icon.svg" and others.isdisjoint(PurePosixPath(path).suffixes)
    }


def _groups(files: Mapping[str, int | None]) -> list[dict[str, Any]]:
    """The files by group, each in the one that names its path most closely; those of no group at the end."""
    members: dict[str, dict[str, int | None]] = {}
    for path, size in files.items():
        places = [(place, code) for code, some, *_words in _GROUPS for place in some if path.startswith(place)]
        code = max(places, key=lambda found: len(found[0]))[1] if places else "others"
        members.setdefault(code, {})[path] = size
    known = [(code, _(name), _(what)) for code, _places, name, what in _GROUPS]
    return [
        _group(code, name, what, members[code])
        for code, name, what in [*known, ("others", _("Other files"), "")]
        if code in members
    ]


def _group(code: str, name: str, what: str, files: Mapping[str, int | None]) -> dict[str, Any]:
    known = sum(size or 0 for size in files.values())
    # what is described comes first, then files near the top of their folder
    order = sorted(files, key=lambda path: (PurePosixPath(path).name not in HOLDS, path.count("/"), path))
    return {
        "code": code,
        "name": name,
        "what": what,
        "files": [_file(path, files[path]) for path in order[:MOST_FILES]],
        "left": max(0, len(order) - MOST_FILES),
        "count": len(order),
        "size": size_words(known),
    }


def _file(path: str, size: int | None) -> File:
    name = PurePosixPath(path).name
    return File(
        path=path,
        name=path.partition("/")[2] or path,
        holds=HOLDS.get(name) or _place(name) or _drawn(path),
        kind=PurePosixPath(path).suffix.lstrip(".").upper(),
        size="–" if size is None else size_words(size),
    )


def _place(name: str) -> str:
    """The country or corridor that the name of a file begins with: `KEN.csv`, `GBR-IND-survey.svg`; else nothing."""
    found = _ABOUT_A_PLACE.match(name)
    if found is None or not {found["sender"], found["receiver"] or found["sender"]} <= set(countries()):
        return ""
    if found["receiver"] is None:
        return names.country(found["sender"])
    return wording.corridor_name(f"{found['sender']}-{found['receiver']}")


def _drawn(path: str) -> str:
    """What a figure shows or the overview's brief holds; nothing for other files and for figures without words of their
    own."""
    folder, _slash, name = path.partition("/")
    if folder == "briefs":
        return _("Overview")
    return _FIGURES.get(re.split("[-.]", name)[0]) or "" if folder == "figures" else ""


def size_words(size: int) -> str:
    """`812 bytes`, `14 kB`, `1.2 MB`, in thousands."""
    if size < 1000:
        return _("{size} bytes", size=numbers.count(size))
    if size < 1_000_000:
        return _("{size} kB", size=numbers.number(Decimal(size) / 1000, 0))
    return _("{size} MB", size=numbers.number(Decimal(size) / 1_000_000))


def _cite(site: Site) -> str:
    """How the edition is cited. What it rests on has to be named too, see the licences."""
    world = _(wording.SANDBOX_WORDS) if site.data.world == "sandbox" else ""
    cited = _(
        "remitwatch, edition {edition}, method version {method}, figures as of {day}",
        edition=site.label,
        method=site.data.method,
        day=numbers.day(site.data.as_of.date()),
    )
    if not world:
        return pgettext("citation", "{cited}.", cited=cited)
    return pgettext("citation", "{cited}. {warning}.", cited=cited, warning=world)
