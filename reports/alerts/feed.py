"""Alerts as files: an Atom feed (RFC 4287) for readers, and lines of JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from reports.alerts.message import Link, one_line, summary
from reports.alerts.told import Told
from reports.language import _, spoken
from reports.templating import rendered
from reports.wording import SANDBOX_WORDS, clean_text

MOST_ENTRIES = 200
"""So many of the newest messages are in the files."""
EPOCH = "1970-01-01T00:00:00Z"


def atom(audience: str, several: Sequence[Told], *, link: Link, world: str) -> str:
    """The feed of an audience in the language spoken, the newest message first. An empty one is a feed too."""
    entries = [
        {
            "title": clean_text(one_line(one)),
            "id": f"urn:remitwatch:alert:{one.key}",
            "updated": str(one.made_at),
            "href": link(one.shown[0].page),
            "kind": str(one.kind),
            "severity": str(one.severity),
            "summary": summary(one, link),
        }
        for one in several[:MOST_ENTRIES]
    ]
    return rendered(
        "alerts.xml",
        language=spoken(),
        title=_("Alerts for {audience} · remitwatch", audience=clean_text(audience)),
        sandbox=_(SANDBOX_WORDS) if world == "sandbox" else "",
        id=f"urn:remitwatch:alerts:{audience}",
        updated=entries[0]["updated"] if entries else EPOCH,
        entries=entries,
    )


def lines(several: Sequence[Told]) -> str:
    """A line of JSON a message, the oldest first: its content as the outbox keeps it, and `id`, by which a message that
    comes twice is known."""
    newest = reversed(several[:MOST_ENTRIES])
    return "".join(
        json.dumps({"id": one.key, **one.content}, ensure_ascii=False, sort_keys=True) + "\n" for one in newest
    )
