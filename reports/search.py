"""The index that `finder.js` searches: countries, corridors and providers with a page, by their names in the language.

It is a script of its own instead of data, so that it loads from disk too; everything in it is JSON in ASCII.
"""

from __future__ import annotations

import json

from remitwatch.countries import countries
from reports import names
from reports.language import _
from reports.site import Site


def index_name(code: str) -> str:
    """Path of the index of a language, at the edition's root."""
    return f"search-index.{code}.js"


def search_index(site: Site) -> str:
    """The index in the language spoken.

    `countries`: code, name, other names (English, two-letter code), whether it has a page. `corridors`: keys of those
    with a page; a country without one is there because a corridor names it. `providers`: name and path of the page.
    """
    keys = sorted({key for view in site.views for key in view.paged})
    codes = sorted(
        {code for key in keys for code in key.split("-")} | {code for view in site.views for code in view.countries}
    )
    known = countries()
    index = {
        "corridor": _("{sender} → {receiver}"),
        "kinds": {"country": _("Country"), "corridor": _("Corridor"), "provider": _("Provider")},
        "countries": [
            [code, names.country(code), f"{known[code].name} {known[code].iso2}", int(bool(site.country_link(code)))]
            for code in codes
        ],
        "corridors": " ".join(keys),
        "providers": [[provider.name, provider.path] for provider in site.providers.values()],
    }
    return f"window.remitwatchIndex={json.dumps(index, separators=(',', ':'))};\n"
