"""The page of corrections, and its csv table."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from reports import corrections, numbers, wording
from reports.corrections import ADDED, CHANGED, WITHDRAWN, Correction, figure_words, reason_words, subject_words
from reports.language import _, ngettext
from reports.site import Site, render

_HUNDREDTH = Decimal("0.01")
MOST = 200
"""So many corrections of each sort are on the page; the csv table has all."""
_HEAD = (
    "what", "edition_before", "basis", "indicator", "scope", "subject", "breakdown", "group", "period", "amount",
    "old_value", "new_value", "difference", "provisional", "reasons", "data",
)  # fmt: skip


def render_corrected(site: Site) -> str:
    """The page: which figures of the edition before changed, were withdrawn or added, and why."""
    found = site.corrections
    parts = []
    if found is not None:
        for what, title in ((CHANGED, _("Changed")), (WITHDRAWN, _("Withdrawn")), (ADDED, _("Added for past periods"))):
            rows = [row for row in found.final if row.what == what]
            parts.append({"what": what, "title": title, "rows": [_row(row) for row in rows[:MOST]],
                          "more": max(0, len(rows) - MOST)})  # fmt: skip
    return render(
        site,
        "corrections.html",
        "corrections.html",
        title=_("Corrections, {period} · remitwatch", period=site.data.period),
        description=lead(found),
        strip=[_("Method version {method}", method=site.data.method)],
        page="corrections",
        switch=[],
        headline=corrections.headline(found),
        parts=[part for part in parts if part["rows"]],
        provisional=_provisional(found),
        gone=[wording.basis_name(basis) for basis in found.gone] if found else [],
        since=found.since if found else None,
    )


def lead(found: corrections.Corrections | None) -> str:
    """How much was compared, in a sentence or two."""
    if found is None:
        return _("This is the first edition of these figures.")
    compared = ngettext(
        "{n} figure of {edition} was compared with this edition’s.",
        "{n} figures of {edition} were compared with this edition’s.",
        found.compared,
        edition=found.since,
    )
    if not found.final:
        return compared
    return _(
        "{compared} Changed: {changed}. Withdrawn: {withdrawn}. Added for past periods: {added}.",
        compared=compared,
        changed=numbers.count(found.count(CHANGED)),
        withdrawn=numbers.count(found.count(WITHDRAWN)),
        added=numbers.count(found.count(ADDED)),
    )


def _provisional(found: corrections.Corrections | None) -> str:
    if found is None or not found.provisional:
        return ""
    return ngettext(
        "{n} figure of a period that was not over at the time of {edition} was provisional and has another value now. "
        "That is no correction.",
        "{n} figures of periods that were not over at the time of {edition} were provisional and have other values "
        "now. Those are no corrections.",
        len(found.provisional),
        edition=found.since,
    )


def _row(row: Correction) -> dict[str, Any]:
    """A line of the page. Values have two decimals, or four where two would not show the change."""
    digits = 2 if row.difference is None or abs(row.difference) >= _HUNDREDTH else 4
    return {
        "subject": subject_words(row),
        "figure": figure_words(row),
        "basis": wording.basis_name(row.basis),
        "period": row.period,
        "old": _("no figure") if row.old is None else numbers.percent(row.old, digits),
        "new": _("no figure") if row.new is None else numbers.percent(row.new, digits),
        "difference": "" if row.difference is None else numbers.change(row.difference, digits),
        "reason": reason_words(row),
    }


def corrections_csv(site: Site) -> str:
    """Every correction, with every decimal; codes as in the table of indicators."""
    data = wording.SANDBOX_WORDS.lower() if site.data.world == "sandbox" else site.data.world
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_HEAD)
    found = site.corrections
    for row in found.rows if found else ():
        cells = (
            row.what, found.since if found else "", row.basis, row.indicator, row.scope, row.subject, row.breakdown,
            row.group, row.period, row.amount, row.old, row.new, row.difference, row.provisional,
            "+".join(sorted({change.kind for change in row.reasons})), data,
        )  # fmt: skip
        writer.writerow([f"{cell:f}" if isinstance(cell, Decimal) else wording.csv_cell(cell) for cell in cells])
    return buffer.getvalue()
