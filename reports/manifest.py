"""The manifest of an edition: what it says and rests on, and the checksum of every file.

`manifest.json` is written last; an edition without it is none. Its keys:

- `edition`, `period`, `number`, `world` (real or sandbox), `as_of`, `made_at` (UTC), `provisional` (the bases whose
  period is not over), `languages` (the first at the root), `headlines` (the finding of the first page, by language);
- `method` (its version), `options` (every named option and its setting), `version` (of the program);
- `digest`: sha256 of the data; the same data has the same digest, whenever and wherever it is published;
- `bases`: of each basis its period, the numbers of corridors, services, providers and figures behind it, its pages;
- `vintages`: of each survey quarter in force the run and the file it came from;
- `runs`: every run whose prices or flows are in force, with its digest and file;
- `sources`: terms, licence and attribution, and how fresh each is;
- `corrections`: against which edition (`since`), and how many final figures changed, were withdrawn or added, and how
  many provisional ones changed; null for a first edition;
- `missing`, `open_issues`;
- `files`: of every file but the manifest its size and sha256; `inputs` is the digest of what it was made from: a
  later edition takes over the file of the same inputs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from remitwatch.method import DEFAULT_OPTIONS
from reports import compare, findings, numbers, promises
from reports.corrections import ADDED, CHANGED, WITHDRAWN
from reports.language import speaking
from reports.missing import told
from reports.parts import encoded
from reports.site import BasisView, Site


def manifest(site: Site, files: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The bytes of the manifest; `files` describes every other file of the edition by its path."""
    data = site.data
    content: dict[str, Any] = {
        "edition": site.label,
        "period": data.period,
        "number": data.number,
        "as_of": _time(data.as_of),
        "made_at": _time(data.made_at),
        "world": data.world,
        "provisional": [view.basis for view in site.views if view.part is not None and view.part.is_open],
        "languages": list(data.languages),
        "headlines": {code: _headline(site, code) for code in data.languages},
        "method": data.method,
        "options": dataclasses.asdict(DEFAULT_OPTIONS),
        "version": data.version,
        "digest": data.digest,
        "bases": [_basis(site, view) for view in site.views],
        "vintages": [dict(vintage) for vintage in data.vintages],
        "runs": [{key: _json_value(value) for key, value in row.items()} for row in data.runs.to_dict("records")],
        "sources": [
            {name: _json_value(getattr(source, name)) for name in _OF_SOURCE} for source in data.sources
        ],
        "corrections": _corrections(site),
        "missing": [told(data, gap) for gap in data.missing],
        "open_issues": data.issues_open,
        "files": dict(sorted(files.items())),
    }  # fmt: skip
    return encoded(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


_OF_SOURCE = (
    "key", "name", "kind", "attribution", "licence", "terms_url", "redistribution", "verified", "last_ok", "state",
)  # fmt: skip


def _headline(site: Site, code: str) -> str:
    view = site.views[0]
    with speaking(code):
        earlier = compare.earlier_period(view.data, view.figures, site.data.as_of.date())
        target = promises.cost_target(site.data.targets, view.basis)
        few = len(view.paged) < len(view.corridors)
        return findings.headline(view.data, view.figures, earlier, target, part=view.part, all_held=few)


def _basis(site: Site, view: BasisView) -> dict[str, Any]:
    average = view.figures.get(findings.AVERAGE)
    return {
        "basis": view.basis,
        "period": view.data.period,
        "corridors": len(view.corridors),
        "services": average.services if average else 0,
        "providers": average.providers if average else 0,
        "figures": len(view.data.indicators),
        "past_figures": len(view.data.history),
        "listed_services": sum(map(len, view.offers.values())),
        "pages": [site.overview(view), *(site.corridor_page(view, key) for key in view.paged)],
    }


def _corrections(site: Site) -> dict[str, Any] | None:
    found = site.corrections
    if found is None:
        return None
    counts = {what: found.count(what) for what in (CHANGED, WITHDRAWN, ADDED)}
    return {"since": found.since, "compared": found.compared, **counts, "provisional": len(found.provisional)}


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _json_value(value: Any) -> Any:
    if value is None or value != value:
        return None
    if isinstance(value, str | bool):
        return value
    day = numbers.date_of(value) if not isinstance(value, int | float) else None
    if day is not None:
        return day.isoformat()
    return value.item() if hasattr(value, "item") else value
