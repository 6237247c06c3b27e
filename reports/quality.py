"""The page on the quality of the data: sources day by day, gaps, refusals, marks, open issues, the 12 requirements."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pandas as pd

from reports import numbers, requirements, wording
from reports.charts import calendar
from reports.inputs import QualityInput, SourceLine
from reports.language import N_, NP_, Words, _, ngettext, pgettext
from reports.missing import REASONS, missing
from reports.provider import SHOWN_AS
from reports.site import Site, render

MOST_RUNS = 60
_STATES = {
    # state of a source: words, class and icon of its status
    "ok": (N_("Fresh"), "met", "tick"),
    "stale": (N_("Late"), "slow", "slope"),
    "partial": (N_("Incomplete"), "slow", "slope"),
    "held": (NP_("source", "Held back"), "slow", "slope"),
    "failing": (N_("Failing"), "bad", "cross"),
    "never": (N_("Never read"), "none", "dash"),
}
_RUNS = {
    "ok": (N_("Accepted"), "met", "tick"),
    "partial": (N_("Accepted in part"), "slow", "slope"),
    "held": (NP_("run", "Held back"), "slow", "slope"),
    "failed": (N_("Failed"), "bad", "cross"),
    "empty": (N_("Empty"), "none", "dash"),
    "missed": (N_("Missed"), "bad", "cross"),
    "running": (N_("Running"), "none", "dash"),
}
_DAYS = (
    # states of a day in the order of the legend, and what they mean
    (("ok",), N_("all read")),
    (("partial",), N_("read in part")),
    (("held",), N_("held back until a person has looked")),
    (("empty",), N_("answered without a price")),
    (("failed", "missed"), N_("nothing came")),
    (("none",), N_("due, and no run is known")),
)
_GOOD = ("ok", "partial")
KINDS = Words({
    "surveys": N_("Survey"),
    "quotes": N_("Prices"),
    "rates": N_("Reference rates"),
    "benchmarks": N_("Official series"),
    "flows": N_("Flows"),
})  # fmt: skip
ISSUES = Words({
    "refused_record": N_("A record that could not be read was refused"),
    "failed_run": N_("A run brought nothing"),
    "gave_up": N_("A source failed again and again and was not asked further in that run"),
    "below_minimum": N_("A run brought fewer values than expected"),
    "above_maximum": N_("A run brought more values than expected"),
    "below_recent": N_("A run brought far fewer values than usual"),
    "few_answers": N_("Too few requests were answered"),
    "identity_off": N_("Fee and margin miss the published total in many rows"),
    "unknown_label": N_("A label that no vocabulary has"),
    "no_reference_rate": N_("Prices without a reference rate in force"),
    "no_send_amount": N_("No amount to ask for is known"),
    "no_tier": N_("An amount that belongs to neither USD 200 nor USD 500"),
    "conflict": N_("Two rows say different things of one service"),
    "duplicate_rows": N_("Rows that are equal but for their id"),
    "outlier": N_("A price far from what its corridor costs"),
    "jump": N_("A price that moved far"),
    "quarantined": N_("A price in quarantine"),
    "vanished": N_("A provider that is gone from a corridor"),
    "rate_inverted": N_("A reference rate that looks inverted"),
    "rate_repeated": N_("A reference rate that does not move"),
    "rate_stale": N_("A reference rate that is too old"),
    "rates_apart": N_("Two sources of a reference rate that differ"),
    "stale": N_("A source that is late"),
    "held": N_("A run that is held back"),
    "failing": N_("A source that keeps failing"),
    "never": N_("A source that was never read"),
    "partial": N_("A source of which only a part came"),
})  # fmt: skip
LEVELS = Words({"error": N_("to be looked at"), "warning": N_("to be noted")})


def render_quality(site: Site) -> str:
    """The page on the quality of the data."""
    sources = sorted(site.data.sources, key=lambda line: (line.state == "ok", line.kind, line.name))
    quality = site.data.quality
    asked = {line.key for line in sources} if quality is None else set(quality.health["source"])
    troubled = [line for line in sources if line.state != "ok"]
    runs = _runs(site)
    return render(
        site,
        "quality.html",
        "quality.html",
        title=_("Data quality, {period} · remitwatch", period=site.data.period),
        description=_description(site, troubled),
        strip=[
            _("As of {day}", day=numbers.day(site.data.as_of.date())),
            _("Method version {method}", method=site.data.method),
        ],
        page="quality",
        switch=[],
        headline=_headline(site, [line for line in sources if line.key in asked], troubled),
        lines=[_source(line, quality, imported=line.state == "ok" and line.key not in asked) for line in sources],
        calendar=_calendar(site, quality) if quality is not None and len(quality.days) else None,
        missing_lines=missing(site),
        coverage=_coverage(site, quality),
        marked=[found for view in site.views if (found := _marks(site, view.basis)) is not None],
        quarantine=_quarantine(site, quality),
        issues=_issues(site, quality),
        checks=[(check, _status(requirements.STATES[check.state])) for check in requirements.requirements(site)],
        runs=runs[:MOST_RUNS],
        more_runs=max(0, len(runs) - MOST_RUNS),
    )


def _status(entry: tuple[str, str, str]) -> tuple[str, str, str]:
    return _(entry[0]), entry[1], entry[2]


def _headline(site: Site, asked: list[SourceLine], troubled: list[SourceLine]) -> str:
    """How many of the sources that are asked are fresh; where none is, how new the newest price is."""
    if not site.data.sources:
        return _("No source is described in this edition")
    if not asked:
        days = [day for view in site.views if (day := _newest_day(requirements.listed(site, view))) is not None]
        if not days:
            return _("Everything in this edition was imported")
        return _("Imported figures only: the newest price is of {day}", day=numbers.day(max(days)))
    fresh = sum(line not in troubled for line in asked)
    if fresh == len(asked):
        return ngettext("The source asked is fresh", "All {n} sources asked are fresh", len(asked))
    return ngettext(
        "{fresh} of {n} source asked is fresh",
        "{fresh} of {n} sources asked are fresh",
        len(asked),
        fresh=numbers.count(fresh),
    )


def _description(site: Site, troubled: list[SourceLine]) -> str:
    if not site.data.issues_open:
        waits = _("No issue waits for a person.")
    else:
        waits = ngettext("{n} issue waits for a person.", "{n} issues wait for a person.", site.data.issues_open)
    if not troubled:
        return waits
    late = _("Not fresh: {sources}.", sources=numbers.listed(line.name for line in troubled[:5]))
    return pgettext("two sentences", "{first} {second}", first=late, second=waits)


def _source(line: SourceLine, quality: QualityInput | None, *, imported: bool) -> dict[str, Any]:
    """A source in the table of sources, with how its last runs ended. `imported`: it is not asked here."""
    health = None
    if quality is not None:
        rows = quality.health[quality.health["source"] == line.key].to_dict("records")
        health = rows[0] if rows else None
    age = None
    if line.age_days is not None:
        age = ngettext("{n} day old", "{n} days old", line.age_days) if line.age_days else _("today")
    return {
        "line": line,
        "kind": KINDS.get(line.kind) or line.kind,
        "imported": imported,
        "status": (_("Imported"), "none", "dash") if imported else _status(_STATES.get(line.state, _STATES["never"])),
        "age": age,
        "shown": SHOWN_AS[line.redistribution],
        "runs": _runs_read(health),
        "brought": _values(health),
    }


def _runs_read(health: dict[Any, Any] | None) -> str:
    if health is None or not health["counted"]:
        return "–"
    return _("{part} of the last {all}", part=numbers.count(health["succeeded"]), all=numbers.count(health["counted"]))


def _values(health: dict[Any, Any] | None) -> tuple[str, str]:
    """What the newest run brought, and what is expected."""
    if health is None or pd.isna(health["values"]):
        return "–", ""
    least, most = health["least"], health["most"]
    if pd.isna(most):
        expected = _("at least {least} expected", least=numbers.count(int(least)))
    else:
        expected = _("{least} to {most} expected", least=numbers.count(int(least)), most=numbers.count(int(most)))
    return numbers.count(int(health["values"])), expected


def _calendar(site: Site, quality: QualityInput) -> dict[str, Any]:
    """One strip a source, and its days without prices in words."""
    rows, gaps, refused = [], 0, 0
    first = max(quality.first, min(day for value in quality.days["day"] if (day := numbers.date_of(value)) is not None))
    for source, frame in quality.days.groupby("source", sort=True):
        days = frame.to_dict("records")
        good = sum(row["status"] in _GOOD for row in days)
        line = site.source(str(source))
        rows.append({
            "name": line.name if line else str(source),
            "strip": calendar.strip({row["day"]: row["status"] for row in days}, first, quality.last),
            "share": _("{part} of {all}", part=numbers.count(good), all=numbers.count(len(days))),
            "refused": sum(row["refused"] for row in days),
            "gaps": [
                _("{day}: {reason}", day=numbers.short_day(row["day"]), reason=_reason(row["status"], row["reason"]))
                for row in days
                if row["status"] not in _GOOD
            ],
        })  # fmt: skip
        gaps += len(days) - good
        refused += sum(row["refused"] for row in days)
    present = set(quality.days["status"])
    return {
        "rows": rows,
        "axis": calendar.axis(first, quality.last),
        "first": numbers.day(first),
        "last": numbers.day(quality.last),
        "legend": [(calendar.key(states[0]), _(words)) for states, words in _DAYS if present & set(states)],
        "gaps": gaps,
        "refused": refused,
    }


def _reason(status: Any, reason: Any) -> str:
    if status == "none":
        return REASONS["gap"]
    return REASONS.get(str(reason)) or REASONS.get(str(status)) or wording.plain(str(reason or status))


def _coverage(site: Site, quality: QualityInput | None) -> list[dict[str, Any]]:
    """What each basis covers."""
    rows = []
    for view in site.views:
        listed = requirements.listed(site, view)
        watched = set(quality.watched) if quality is not None and view.basis != "survey" else set()
        rows.append({
            "basis": wording.basis_name(view.basis),
            "period": view.data.period,
            "part": view.part.words if view.part else "",
            "corridors": len(view.corridors),
            "watched": _("{part} of {all}", part=numbers.count(len(watched & set(view.corridors))),
                         all=numbers.count(len(watched))) if watched else "–",
            "providers": int(listed["provider"].nunique()),
            "services": len(listed),
            "private": sum(view.private.values()),
            "newest": _newest(listed),
        })  # fmt: skip
    return rows


def _newest(rows: pd.DataFrame) -> str:
    day = _newest_day(rows)
    return numbers.day(day) if day else "–"


def _newest_day(rows: pd.DataFrame) -> dt.date | None:
    return max((day for value in rows["day"].unique() if (day := numbers.date_of(value)) is not None), default=None)


def _marks(site: Site, basis: str) -> dict[str, Any] | None:
    """How many listed services of a basis carry each mark; None where none does."""
    view = next(view for view in site.views if view.basis == basis)
    rows = requirements.listed(site, view)
    counts: Counter[str] = Counter()
    for flags, number in rows["flags"].astype(str).value_counts().items():
        for flag in set(wording.codes(flags)):
            counts[flag] += int(number)
    known = [
        {
            "tag": wording.flag_tag(flag),
            "meaning": wording.MEANINGS.get(flag) or "",
            "count": counts[flag],
            "share": numbers.percent(Decimal(100 * counts[flag]) / len(rows)),
        }
        for flag in sorted(counts, key=lambda flag: (-counts[flag], flag))
        if flag in wording.FLAGS
    ]
    if not known:
        return None
    return {"basis": wording.basis_name(basis), "rows": known, "services": len(rows)}


def _quarantine(site: Site, quality: QualityInput | None) -> list[str]:
    """What is out of the figures until a person looks, and what people decided, in sentences."""
    lines = []
    for view in site.views:
        held = sum(offer.quarantined for key in view.offers for offer in view.listed(key))
        if held:
            lines.append(
                ngettext(
                    "{basis}: {n} price is in quarantine, shown with its reason on its corridor’s page.",
                    "{basis}: {n} prices are in quarantine, shown with their reasons on their corridors’ pages.",
                    held,
                    basis=wording.basis_name(view.basis),
                )
            )
    if quality is not None and quality.released:
        lines.append(ngettext("People released {n} price.", "People released {n} prices.", quality.released))
    if quality is not None and quality.rejected:
        lines.append(
            ngettext(
                "People rejected {n} price: it stays out.",
                "People rejected {n} prices: they stay out.",
                quality.rejected,
            )
        )
    if quality is not None and quality.unpriced:
        lines.append(
            ngettext(
                "{n} price had no reference rate in force and is in no figure.",
                "{n} prices had no reference rate in force and are in no figure.",
                quality.unpriced,
            )
        )
    return lines


def _issues(site: Site, quality: QualityInput | None) -> list[dict[str, Any]]:
    """The open issues by kind, those to be looked at first."""
    if quality is None:
        return []
    rows = []
    for (level, code), frame in quality.issues.groupby(["level", "code"], sort=True):
        sources = sorted({line.name if (line := site.source(key)) else key for key in frame["source"] if key})
        rows.append({
            "words": ISSUES.get(str(code)) or REASONS.get(str(code)) or wording.plain(str(code)),
            "code": str(code),
            "level": LEVELS.get(str(level)) or str(level),
            "count": int(frame["count"].sum()),
            "sources": numbers.separated(sources),
            "since": numbers.day(_earliest(frame["since"])),
            "order": (str(level) != "error", -int(frame["count"].sum()), str(code)),
        })  # fmt: skip
    return sorted(rows, key=lambda row: row["order"])


def _earliest(days: pd.Series) -> dt.date:
    return min(day for value in days if (day := numbers.date_of(value)) is not None)


def _runs(site: Site) -> list[dict[str, Any]]:
    rows = []
    for row in site.data.runs.to_dict("records"):
        name, status = row["file_name"], str(row["status"])
        day = numbers.date_of(row["logical_date"])
        line = site.source(str(row["source"]))
        rows.append({
            "id": int(row["id"]),
            "source": line.name if line else str(row["source"]),
            "date": numbers.day(day) if day else "–",
            "status": _status(_RUNS.get(status, _RUNS["running"])),
            "reason": _reason(status, row["reason"]) if row["reason"] else "",
            "quotes": numbers.count(int(row["quotes"])),
            "refused": numbers.count(int(row["refused"])),
            "file": wording.clean_text(name, 80) if isinstance(name, str) and name else "",
        })  # fmt: skip
    return sorted(rows, key=lambda row: -row["id"])
