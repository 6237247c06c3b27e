"""What changed in a corridor from day to day, in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reports import numbers, wording
from reports.inputs import ChangeLog, SourceLine
from reports.language import N_, Words, _, ngettext, pgettext

SHOWN = 20
"""So many changes are open; the rest unfolds."""
_PARTS = ("dearer", "cheaper", "released", "confirmed", "quarantined")
"""Kinds that say by how much fee and margin changed."""


@dataclass(frozen=True)
class Change:
    """One line of the log. Empty strings where something does not apply."""

    day: str
    kind: str
    what: str
    name: str
    provider: str
    means: str
    costs: str
    fee: str
    margin: str
    note: str


@dataclass(frozen=True)
class LogView:
    """The log of a corridor: its days in words, a count of the changes, the changes themselves."""

    days: str
    counts: str
    rule: str
    open: list[Change]
    more: list[Change]
    left: str


def rows_by_corridor(log: ChangeLog, sources: tuple[SourceLine, ...]) -> dict[str, list[Mapping[Any, Any]]]:
    """The rows of a log by corridor; without those of sources that may be shown nowhere."""
    hidden = {source.key for source in sources if source.redistribution == "none"}
    found: dict[str, list[Mapping[Any, Any]]] = defaultdict(list)
    for row in log.rows.to_dict("records"):  # a list of dicts: the pages need each row by name
        if row["source"] not in hidden:
            found[row["corridor"]].append(row)
    return dict(found)


def log_view(log: ChangeLog, key: str, rows: list[Mapping[Any, Any]]) -> LogView:
    """The log of one corridor. `rows`: its own, the newest first."""
    changes = [_change(row) for row in rows]
    left = log.left.get(key, 0)
    counts = Counter(row["kind"] for row in rows)
    return LogView(
        days=numbers_of_days(log),
        counts=numbers.listed(say(counts[kind]) for kind, say in _COUNTED.items() if counts[kind]),
        rule=ngettext(
            "Changes of {threshold} points or more are listed, at USD 200. A service counts as gone after {n} day on "
            "which its source answered for this corridor without it.",
            "Changes of {threshold} points or more are listed, at USD 200. A service counts as gone after {n} days on "
            "which its source answered for this corridor without it.",
            log.absent,
            threshold=numbers.number(log.threshold),
        ),
        open=changes[:SHOWN],
        more=changes[SHOWN:],
        left=ngettext("{n} older change of these days is not listed.", "{n} older changes of these days are not "
                      "listed.", left) if left else "",
    )  # fmt: skip


def numbers_of_days(log: ChangeLog) -> str:
    """`2 August to 30 October 2026`."""
    return pgettext("below a title", "{first} to {last}", first=numbers.day(log.first), last=numbers.day(log.last))


_COUNTED: Mapping[str, Callable[[int], str]] = {
    "dearer": lambda n: ngettext("{n} price went up", "{n} prices went up", n),
    "cheaper": lambda n: ngettext("{n} price went down", "{n} prices went down", n),
    "new": lambda n: ngettext("{n} service is new", "{n} services are new", n),
    "again": lambda n: ngettext("{n} service came back", "{n} services came back", n),
    "gone": lambda n: ngettext("{n} service went", "{n} services went", n),
    "quarantined": lambda n: ngettext("{n} price was put in quarantine", "{n} prices were put in quarantine", n),
    "released": lambda n: ngettext("{n} price was released", "{n} prices were released", n),
    "confirmed": lambda n: ngettext("{n} price was confirmed", "{n} prices were confirmed", n),
    "gap": lambda n: ngettext("{n} stretch is without prices", "{n} stretches are without prices", n),
}


def _change(row: Mapping[Any, Any]) -> Change:
    day, kind = numbers.date_of(row["day"]), str(row["kind"])
    assert day is not None  # every change has its day
    since = numbers.date_of(row["since"])
    means = ""
    if kind != "gap":
        means = _("{payin} → {payout}", payin=wording.joined(row["payment_instrument"], wording.INSTRUMENTS),
                  payout=wording.PICKUPS.get(row["pickup_method"]) or wording.plain(row["pickup_method"]))  # fmt: skip
    fee, margin = (numbers.percent_of_e8(row[name]) if kind in _PARTS else None for name in ("fee_e8", "margin_e8"))
    return Change(
        day=numbers.day(day, year=False),
        kind=kind,
        what=_what(row, kind, day, since),
        name="" if kind == "gap" else wording.name(row["provider_name"]),
        provider=str(row["provider"]),
        means=means,
        costs=_costs(row),
        fee="" if fee is None else numbers.change(fee),
        margin="" if margin is None else numbers.change(margin),
        note=_note(kind, day, since),
    )


def _costs(row: Mapping[Any, Any]) -> str:
    before, after = (numbers.percent_of_e8(row[name]) for name in ("before_e8", "after_e8"))
    if before is None and after is None:
        return ""
    if before is None or after is None:
        return numbers.percent(after if before is None else before)
    return _("{before} → {after}", before=numbers.percent(before), after=numbers.percent(after))


def _what(row: Mapping[Any, Any], kind: str, day: dt.date, since: dt.date | None) -> str:
    before, after = (numbers.percent_of_e8(row[name]) for name in ("before_e8", "after_e8"))
    if kind in ("dearer", "cheaper") and before is not None and after is not None:
        points = numbers.number(abs(after - before))
        return (
            _("dearer by {points} points", points=points)
            if after > before
            else _("cheaper by {points} points", points=points)
        )
    if kind == "gap":
        until = numbers.date_of(row["until"]) or day
        n = (until - day).days + 1
        return ngettext("no price of any service", "no price of any service for {n} days", n)
    if kind == "quarantined":
        reasons = [wording.FLAGS[flag] for flag in str(row["flags"]).split("+")
                   if flag in wording.FLAGS and flag not in ("quarantined", "rejected")]  # fmt: skip
        if reasons:
            return _("in quarantine: {reasons}", reasons=numbers.separated(reasons))
        return _("in quarantine")
    return _KINDS[kind]


_KINDS = Words({
    "new": N_("new service"),
    "again": N_("priced again"),
    "gone": N_("no price any more"),
    "released": N_("released: a person looked at it, and it counts"),
    "confirmed": N_("confirmed by its next price"),
})  # fmt: skip


def _note(kind: str, day: dt.date, since: dt.date | None) -> str:
    """When the price before was asked, where that is not the day before."""
    if since is None or (day - since).days <= 1 or kind == "gap":
        return ""
    if kind == "gone":
        return _("last on {day}", day=numbers.day(since, year=False))
    return _("since {day}", day=numbers.day(since, year=False))
