"""What an edition does not hold, in sentences."""

from __future__ import annotations

from reports import numbers, wording
from reports.findings import AVERAGE
from reports.inputs import EditionInput, Gap
from reports.language import N_, Words, _, ngettext, pgettext
from reports.site import Site

_SENTENCES = Words({
    "no_survey": N_("No survey figures are held."),
    "no_standard": N_("No standard prices are held."),
})  # fmt: skip
REASONS = Words({
    "aborted": N_("stopped"),
    "interrupted": N_("interrupted"),
    "blocked": N_("blocked"),
    "robots": N_("asking is not allowed"),
    "unreachable": N_("not reached"),
    "slow": N_("too slow"),
    "truncated": N_("answer cut short"),
    "changed": N_("answer in another form"),
    "invalid": N_("unreadable answer"),
    "refused_record": N_("unreadable answer"),
    "no_price": N_("no price in the answer"),
    "below_minimum": N_("too few prices"),
    "below_recent": N_("far fewer prices than usual"),
    "few_answers": N_("too few answers"),
    "refused": N_("refused by the source"),
    "status": N_("not found"),
    "too_large": N_("answer too large"),
    "redirect": N_("sent elsewhere"),
    "address": N_("address that may not be asked"),
    "budget": N_("the day’s requests used up"),
    "sandbox": N_("sandbox and real data met"),
    "too_many_requests": N_("ever more requests"),
    "bad_request": N_("request that cannot be sent"),
    "archive": N_("archived answer damaged"),
    "broke": N_("the program failed"),
    "nothing_new": N_("nothing new was published"),
    "release_held": N_("this release is held already"),
    "out_of_time": N_("time used up"),
    "overlap": N_("another run was active"),
    "gap": N_("not asked"),
    "nothing_asked": N_("not asked"),
    "storage": N_("could not be stored"),
    "failed": N_("failed"),
    "held": N_("held back"),
    "empty": N_("empty answer"),
    "missed": N_("missed"),
})  # fmt: skip
"""Why a day gave no prices: the reason of its run, else its status."""


def missing(site: Site) -> list[str]:
    """The sentences of "What is missing": the gaps given, and those that follow from the figures themselves."""
    lines = [told(site.data, gap) for gap in site.data.missing]
    if official := _only_official(site):
        lines.append(
            ngettext(
                "{n} corridor has an official average in past years and no price here.",
                "{n} corridors have an official average in past years and no price here.",
                official,
            )
        )
    for view in site.views:
        basis = wording.basis_name(view.basis)
        if view.figures.value(AVERAGE) is None:
            lines.append(_("{basis}: no average for {period}.", basis=basis, period=view.data.period))
        if hidden := view.undisclosed():
            lines.append(
                ngettext(
                    "{basis}: {n} service does not disclose the rate; it is in no average.",
                    "{basis}: {n} services do not disclose the rate; they are in no average.",
                    hidden,
                    basis=basis,
                )
            )
        if late := sum(offer.stale for key in view.offers for offer in view.listed(key)):
            lines.append(
                ngettext(
                    "{basis}: {n} price is too old to count; it is shown with its age.",
                    "{basis}: {n} prices are too old to count; they are shown with their age.",
                    late,
                    basis=basis,
                )
            )
        if held := sum(offer.quarantined for key in view.offers for offer in view.listed(key)):
            lines.append(
                ngettext(
                    "{basis}: {n} price is in quarantine; it is shown with the reason and is in no figure.",
                    "{basis}: {n} prices are in quarantine; they are shown with the reason and are in no figure.",
                    held,
                    basis=basis,
                )
            )
        if private := sum(view.private.values()):
            lines.append(
                ngettext(
                    "{basis}: {n} price was handed in privately; it is only in averages.",
                    "{basis}: {n} prices were handed in privately; they are only in averages.",
                    private,
                    basis=basis,
                )
            )
    return lines


def _only_official(site: Site) -> int:
    """How many corridors of the official series have no figure on any basis."""
    held = {key for view in site.views for key in view.corridors}
    series = site.data.benchmarks
    return len(set(series["sender"] + "-" + series["receiver"]) - held)


def told(data: EditionInput, gap: Gap) -> str:
    """The sentence of a gap. Raises KeyError for a code without one."""
    if gap.code == "corridors_without_price":
        return _corridors(gap)
    if gap.code == "days_without_prices":
        return _days(data, gap)
    if gap.code == "quotes_without_rate":
        return ngettext(
            "{n} quote of the last {days} days had no reference rate in force and is in no figure.",
            "{n} quotes of the last {days} days had no reference rate in force and are in no figure.",
            gap.values["quotes"],
            days=numbers.count(gap.values["days"]),
        )
    return _SENTENCES[gap.code]


def _corridors(gap: Gap) -> str:
    """The corridors that are watched and have no price: the first ones by name."""
    shown = [wording.corridor_title(key) for key in gap.values["corridors"][:12]]
    more = len(gap.values["corridors"]) - len(shown)
    if more:
        shown.append(ngettext("{n} other", "{n} others", more))
    return ngettext(
        "{basis}: no price is held for {missing} of {n} watched corridor: {corridors}.",
        "{basis}: no price is held for {missing} of {n} watched corridors: {corridors}.",
        gap.values["watched"],
        basis=wording.basis_name(gap.values["basis"]),
        missing=numbers.count(len(gap.values["corridors"])),
        corridors=numbers.listed(shown),
    )


def _days(data: EditionInput, gap: Gap) -> str:
    """The days on which a source gave no usable prices: the first ones with their reasons."""
    source = next((line.name for line in data.sources if line.key == gap.values["source"]), gap.values["source"])
    days = gap.values["days"]
    shown = [
        pgettext("day and reason", "{day} ({reason})", day=numbers.short_day(day),
                 reason=REASONS.get(reason) or wording.plain(reason))
        for day, reason in days[:6]
    ]  # fmt: skip
    if more := len(days) - len(shown):
        shown.append(ngettext("{n} more day", "{n} more days", more))
    return _(
        "{source}: no usable prices on {days}; nothing was filled in.",
        source=wording.quoted(wording.clean_text(source, 80)),
        days=numbers.listed(shown),
    )
