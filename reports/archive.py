"""The archive of editions: a page that lists them all, and an Atom feed, in every language that an edition has. All are
made from the manifests alone.

An edition is described by its manifest. Manifests name every file and are long, so what the archive needs of each is
kept beside the other caches by the manifest's size and time; without that file everything is read anew.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reports import language, numbers, wording
from reports.language import SOURCE, _, pgettext, speaking
from reports.parts import encoded
from reports.templating import rendered
from reports.typography import typeset

INDEX, STYLE = "index.html", "editions.css"
MOST_ENTRIES = 60
"""The feed has the newest editions only; the page has all."""
_EDITION = re.compile(r"[0-9][0-9A-Z-]*-[1-9][0-9]*")
_TAG_DATE = "2026"
_NOBODY = "remitwatch.invalid"
WRITING = ".archive-"
_OF_LANGUAGE = re.compile(r"index\.([a-z]+)\.html|feed\.([a-z]+)\.xml")


@dataclass(frozen=True)
class Summary:
    """One edition as the archive names it. `headlines` by language, the first language first; `bases` are pairs of
    basis and period; `corrections` counts changed, withdrawn and added figures against the edition `since`."""

    name: str
    period: str
    number: int
    world: str
    made_at: str
    digest: str
    headlines: dict[str, str]
    bases: list[tuple[str, str]]
    corrections: int
    since: str
    provisional: bool

    def folder(self, code: str) -> str:
        """The folder of its pages in a language, those of its first language where it has none in that one."""
        return f"{self.name}/{code}/" if code in list(self.headlines)[1:] else f"{self.name}/"


@dataclass(frozen=True)
class Place:
    """Where the page and the feed of a language stand: the first language has the plain names."""

    code: str
    first: bool

    @property
    def index(self) -> str:
        """The name of the page."""
        return INDEX if self.first else f"index.{self.code}.html"

    @property
    def feed(self) -> str:
        """The name of the feed."""
        return "feed.xml" if self.first else f"feed.{self.code}.xml"


@dataclass(frozen=True)
class Archive:
    """The editions that stand, the newest first, and the names of those whose manifest is not readable."""

    editions: list[Summary]
    broken: list[str]


def write_archive(editions: Path, cache: Path, base_url: str | None) -> Archive:
    """Write the pages, their style and the feeds anew, each swapped in whole; those of languages that no edition has
    any more are removed. Returns what they list."""
    archive = read_archive(editions, cache)
    held = places(archive.editions)
    _swap(editions / STYLE, files("reports").joinpath("static", "style.css").read_bytes())
    for place in held:
        _swap(editions / place.index, encoded(render_index(archive.editions, place, held, archive.broken)))
        _swap(editions / place.feed, encoded(render_feed(archive.editions, place, base_url)))
    kept = {name for place in held for name in (place.index, place.feed)}
    for path in sorted(editions.iterdir()):
        if _OF_LANGUAGE.fullmatch(path.name) and path.name not in kept and path.is_file():
            path.unlink()
    return archive


def places(found: Sequence[Summary]) -> list[Place]:
    """The languages of the editions that there are words for, those of the newest one first."""
    held = dict.fromkeys(code for one in found for code in one.headlines)
    known = [code for code in held if code in language.languages()] or [SOURCE]
    return [Place(code, code == known[0]) for code in known]


def read_archive(editions: Path, cache: Path) -> Archive:
    """What stands in the folder of editions."""
    kept = cache / "archive.json"
    held = _kept(kept)
    made: dict[str, Any] = {}
    broken = []
    for folder in sorted(editions.iterdir()) if editions.is_dir() else ():
        manifest = folder / "manifest.json"
        if folder.is_symlink() or not folder.is_dir() or _EDITION.fullmatch(folder.name) is None:
            continue
        if not manifest.is_file():
            broken.append(folder.name)
            continue
        state = manifest.stat()
        stamp = [state.st_mtime_ns, state.st_size]
        entry = held.get(folder.name)
        if entry is None or entry["stamp"] != stamp:
            summary = _summary(manifest)
            if summary is None:
                broken.append(folder.name)
                continue
            entry = {"stamp": stamp, "summary": asdict(summary)}
        made[folder.name] = entry
    if made != held:
        with contextlib.suppress(OSError):  # a cache: without it the manifests are read
            cache.mkdir(exist_ok=True)
            _swap(kept, json.dumps(made).encode())
    found = [_of_json(entry["summary"]) for entry in made.values()]
    return Archive(sorted(found, key=lambda one: (one.made_at, one.period, one.number), reverse=True), broken)


def _kept(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text("utf-8"))
        for entry in held.values():
            _of_json(entry["summary"])
            list(entry["stamp"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
    found: dict[str, Any] = held
    return found


def _of_json(content: Mapping[str, Any]) -> Summary:
    return Summary(**{**content, "bases": [tuple(pair) for pair in content["bases"]]})


def _summary(manifest: Path) -> Summary | None:
    """What a manifest says; None when it is not one."""
    try:
        content = json.loads(manifest.read_text("utf-8"))
        corrected = content.get("corrections") or {}
        return Summary(
            name=manifest.parent.name,
            period=str(content["period"]),
            number=int(content["number"]),
            world=str(content["world"]),
            made_at=str(content["made_at"]),
            digest=str(content["digest"]),
            headlines={str(code): str(text) for code, text in content.get("headlines", {}).items()},
            bases=[(str(one["basis"]), str(one["period"])) for one in content["bases"]],
            corrections=sum(int(corrected.get(what, 0)) for what in ("changed", "withdrawn", "added")),
            since=str(corrected.get("since") or ""),
            provisional=bool(content.get("provisional")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def render_index(found: Sequence[Summary], place: Place, held: Sequence[Place], broken: Sequence[str] = ()) -> str:
    """The page of all editions in the language of `place`; `held`: the places of all languages, for the switch."""
    sandbox = any(one.world == "sandbox" for one in found)
    with speaking(place.code) as now:
        made = rendered(
            "editions.html",
            language=now,
            languages=[{"language": language.language(one.code), "href": one.index} for one in held],
            rows=[_row(one) for one in found],
            broken=[wording.clean_text(name) for name in broken],
            sandbox=_(wording.SANDBOX_WORDS) if sandbox else None,
            style=STYLE,
            index=place.index,
            feed=place.feed,
        )  # fmt: skip
        return typeset(made)


def _row(one: Summary) -> dict[str, Any]:
    code = language.spoken().code
    folder = one.folder(code)
    return {
        "name": one.name,
        "href": f"{folder}{INDEX}",
        "manifest": f"{one.name}/manifest.json",
        "headline": _headline(one, code),
        "headline_language": None if code in one.headlines else next(iter(one.headlines), None),
        "made": numbers.day(_moment(one.made_at).date()),
        "time": one.made_at,
        "bases": numbers.separated(
            pgettext("basis and its period", "{basis}, {period}", basis=wording.basis_name(basis), period=period)
            for basis, period in one.bases
        ),
        "corrections": numbers.count(one.corrections) if one.since else "–",
        "corrections_href": f"{folder}corrections.html" if one.since else None,
        "provisional": one.provisional,
        "sandbox": one.world == "sandbox",
        "languages": [
            {"code": other, "name": language.language(other).name, "href": f"{one.folder(other)}{INDEX}"}
            for other in one.headlines
            if other in language.languages() and one.folder(other) != folder
        ],
    }


def _headline(one: Summary, code: str) -> str:
    return wording.clean_text(one.headlines.get(code) or next(iter(one.headlines.values()), one.name))


def render_feed(found: Sequence[Summary], place: Place, base_url: str | None) -> str:
    """The Atom feed (RFC 4287) of the newest editions in the language of `place`. Without an address its links are
    relative to the feed.

    The ids are tag: URIs (RFC 4151) of the host of the address; an edition's holds the digest of its data, so that
    editions of two installations are never taken for one another, and the language where it is not the first.
    """
    base = "" if base_url is None else base_url.rstrip("/") + "/"
    authority = (urlsplit(base_url).hostname if base_url else None) or _NOBODY
    tag = partial("tag:{},{}:{}{}".format, authority, _TAG_DATE)
    tongue = "" if place.first else f"/{place.code}"
    sandbox = any(one.world == "sandbox" for one in found)
    with speaking(place.code) as now:
        entries = [
            {
                "id": tag(f"editions/{one.name}/{one.digest[:16]}", tongue),
                "title": _("{name}: {headline}", name=one.name, headline=_headline(one, place.code)),
                "updated": one.made_at,
                "href": f"{base}{one.folder(place.code)}{INDEX}",
                "summary": _feed_summary(one),
                "sandbox": one.world == "sandbox",
            }
            for one in found[:MOST_ENTRIES]
        ]
        return rendered(
            "feed.xml",
            language=now,
            id=tag("editions", tongue),
            updated=found[0].made_at if found else "1970-01-01T00:00:00Z",
            base=base,
            feed=place.feed,
            index=place.index,
            sandbox=_(wording.SANDBOX_WORDS) if sandbox else None,
            entries=entries,
        )  # fmt: skip


def _feed_summary(one: Summary) -> str:
    words = _headline(one, language.spoken().code).rstrip(".") + "."
    if one.world == "sandbox":
        words = f"{_(wording.SANDBOX_WORDS)}. {words}"
    if one.corrections:
        told = language.ngettext(
            "It corrects {n} figure of {edition}.", "It corrects {n} figures of {edition}.", one.corrections,
            edition=one.since,
        )  # fmt: skip
        return f"{words} {told}"
    if not one.since:
        return words
    none = _("It corrects no figure of {edition}.", edition=one.since)
    return f"{words} {none}"


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _swap(path: Path, body: bytes) -> None:
    """Put a file in its place in one step; one that says the same already is left alone."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == body:
            return
    part = path.with_name(f"{WRITING}{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
