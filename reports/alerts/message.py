"""A message about alerts in the language spoken: subject, plain text and HTML, of one message of the outbox or of a
digest of several."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reports import numbers
from reports.alerts.headlines import headline
from reports.alerts.rows import Row, rows
from reports.alerts.told import Item, Told
from reports.language import _, ngettext, spoken
from reports.templating import rendered
from reports.wording import SANDBOX_WORDS, clean_text

Link = Callable[[str | None], str]
"""From the page of an item (None: it has none) to where a reader finds it; empty where nowhere."""
SUBJECT_LENGTH = 180
_LOOK = {
    "cost_above": "remitwatch quotes --corridor {corridor}",
    "provider_vanished": "remitwatch quotes --corridor {corridor}",
    "few_qualifying": "remitwatch quotes --corridor {corridor}",
    "coverage_low": "remitwatch status",
    "benchmark_apart": "remitwatch compare",
    "rates_apart": "remitwatch rates --base {base} --quote {quote}",
    "rate_stale": "remitwatch sources show {source}",
    "source_stale": "remitwatch sources show {source}",
    "source_failing": "remitwatch runs show {run}",
    "source_held": "remitwatch runs show {run}",
    "source_changed": "remitwatch runs show {run}",
    "runs_missed": "remitwatch status",
    "disk_low": "remitwatch archive prune",
    "database_unsound": "remitwatch db check",
}


@dataclass(frozen=True)
class Entry:
    """One alert as it is told; `rows` of what is behind it. `picture`: the name of its chart, if there is one."""

    headline: str
    rows: list[Row]
    link: str
    picture: str | None


@dataclass(frozen=True)
class Section:
    """One message of the outbox as it is told: the worst alert with what is behind it, the others with a line each.
    `commands`: label and command line, for the operator."""

    severity: str
    kind: str
    headline: str
    first: Entry
    others: list[Entry]
    further: str
    commands: list[Row]


@dataclass(frozen=True)
class Message:
    """The words of what is sent."""

    subject: str
    text: str
    html: str


def render(
    several: Sequence[Told], *, link: Link, pictures: Mapping[int, str], made_at: dt.datetime, digest: bool = False
) -> Message:
    """The words of messages of the outbox, the gravest first. `link` finds pages, `pictures` names charts by the number
    of the alert, `made_at` dates a digest."""
    ordered = sorted(several, key=lambda one: one.order)
    sections = [_section(one, link, pictures) for one in ordered]
    sandbox = _(SANDBOX_WORDS) if any(one.world == "sandbox" for one in ordered) else ""
    counted = _counted(ordered) if digest else ""
    title = _("Alerts up to {day}", day=numbers.day(made_at.date())) if digest else sections[0].headline
    subject = _("{title}: {counts}", title=title, counts=counted) if digest else title
    if ordered[0].severity == "critical":
        subject = _("Critical: {subject}", subject=subject)
    return _made(sections, subject=subject, sandbox=sandbox, made_at=made_at, head=(title, counted) if digest else None)


def _made(
    sections: list[Section], *, subject: str, sandbox: str, made_at: dt.datetime, head: Row | None = None
) -> Message:
    """Subject, text and HTML. `head`: the title of a digest and what it counts."""
    line = _("remitwatch: {subject}", subject=subject)
    if sandbox:
        line = _("[{sandbox}] {subject}", sandbox=sandbox, subject=line)
    foot = _("Sent by remitwatch, {day}, {time} UTC.", day=numbers.day(made_at.date()), time=f"{made_at:%H:%M}")
    html = rendered(
        "alert_mail.html",
        language=spoken(), subject=line, sandbox=sandbox, head=head, sections=sections, foot=foot,
    )  # fmt: skip
    return Message(clean_text(line, SUBJECT_LENGTH), _text(sections, sandbox, head, foot), html)


def test(route: str, *, world: str, made_at: dt.datetime) -> Message:
    """The words that try a route."""
    sandbox = _(SANDBOX_WORDS) if world == "sandbox" else ""
    title = _("This is a test: the route {route} works", route=clean_text(route))
    entry = Entry(title, [(_("Meaning"), _("Alerts will come this way. Nothing has happened."))], "", None)
    section = Section("info", "test", title, entry, [], "", [])
    return _made([section], subject=title, sandbox=sandbox, made_at=made_at)


def summary(told: Told, link: Link) -> str:
    """The plain text of one message, for feeds."""
    return "\n".join(_lines(_section(told, link, {})))


def _counted(several: Sequence[Told]) -> str:
    """`12 new, 1 corrected, 3 over`."""
    count = {kind: sum(int(one.n) for one in several if one.kind == kind) for kind in ("opened", "corrected", "closed")}
    parts = [
        ngettext("{n} new", "{n} new", count["opened"]),
        ngettext("{n} corrected", "{n} corrected", count["corrected"]),
        ngettext("{n} over", "{n} over", count["closed"]),
    ]
    return numbers.separated(part for part, number in zip(parts, count.values(), strict=True) if number)


def one_line(told: Told) -> str:
    """What a message tells, in one line: the worst alert, and how many more."""
    first = headline(told, told.shown[0])
    more = int(told.n) - 1
    if not more:
        return first
    return ngettext("{first} (and {n} more)", "{first} (and {n} more)", more, first=first)


def _section(told: Told, link: Link, pictures: Mapping[int, str]) -> Section:
    entries = [_entry(told, item, link, pictures) for item in told.shown]
    further = ""
    if told.further:
        further = ngettext("and {n} more", "and {n} more", told.further)
    return Section(
        severity=told.severity,
        kind=told.kind,
        headline=one_line(told),
        first=entries[0],
        others=entries[1:],
        further=further,
        commands=_commands(told),
    )


def _entry(told: Told, item: Item, link: Link, pictures: Mapping[int, str]) -> Entry:
    return Entry(
        headline=headline(told, item),
        rows=rows(told, item),
        link=link(item.page),
        picture=pictures.get(item.content.get("alert", 0)),
    )


def _commands(told: Told) -> list[Row]:
    """What an operator can do about it. Commands are English everywhere."""
    item = told.shown[0]
    found: list[Row] = []
    look = _LOOK.get(told.rule_kind, "")
    subject = str(item.content["subject"])
    known = {name: str(item.facts.get(name) or "") for name in ("source", "run")}
    known["corridor"] = subject.partition(":")[2].partition("/")[0] if subject.startswith("corridor:") else ""
    known["base"], _slash, known["quote"] = str(item.facts.get("pair") or "").partition("/")
    wanted = [name for name in known if f"{{{name}}}" in look]
    if look and all(known[name] for name in wanted):
        found.append((_("Look closer"), look.format(**known)))
    if told.kind != "opened":
        return found
    if told.further or len(told.shown) > 1:
        found.append((_("All of them"), f"remitwatch alerts list --rule {told.rule}"))
    found.append((_("Acknowledge"), f'remitwatch alerts ack {item.content["alert"]} --why "..."'))
    found.append((_("Silence"), f'remitwatch alerts silence --rule {told.rule} --until YYYY-MM-DD --why "..."'))
    return found


def _text(sections: Sequence[Section], sandbox: str, head: Row | None, foot: str) -> str:
    lines = [f"*** {sandbox} ***", ""] if sandbox else []
    lines += [*head, ""] if head else []
    for place, section in enumerate(sections):
        lines += [*([""] if place else []), *_lines(section)]
    return "\n".join([*lines, "", "-- ", foot, ""])


def _lines(section: Section) -> list[str]:
    lines = [section.headline, "=" * min(len(section.headline), 72), *_rows(section.first.rows)]
    if section.first.link:
        lines.append(section.first.link)
    for place, entry in enumerate(section.others, start=2):
        lines += ["", f"{numbers.count(place)}. {entry.headline}"]
        if entry.link:
            lines.append(entry.link)
    if section.further:
        lines += ["", section.further]
    if section.commands:
        lines += ["", *_rows(section.commands)]
    return lines


def _rows(found: Sequence[Row]) -> list[str]:
    return [_("{label}: {value}", label=label, value=value) for label, value in found]
