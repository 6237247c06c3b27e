"""What an edition does not hold, in sentences."""

from __future__ import annotations

from reports import numbers, wording
from reports.findings import AVERAGE
from reports.site import Site


def missing(site: Site) -> list[str]:
    """The sentences of "What is missing": those given, and those that follow from the figures themselves."""
    lines = [wording.clean_text(line, 600) for line in site.data.missing]
    for view in site.views:
        name = wording.basis_name(view.basis)
        if view.figures.value(AVERAGE) is None:
            lines.append(f"{name}: no average for {view.data.period}.")
        if hidden := view.undisclosed():
            verb = "does" if hidden == 1 else "do"
            lines.append(f"{name}: {numbers.counted(hidden, 'service')} {verb} not disclose the rate; in no average.")
        late = sum(offer.stale for key in view.offers for offer in view.listed(key))
        if late:
            lines.append(f"{name}: {numbers.counted(late, 'price')} too old to count, shown with the age.")
        held = sum(offer.quarantined for key in view.offers for offer in view.listed(key))
        if held:
            lines.append(f"{name}: {numbers.counted(held, 'price')} in quarantine: shown and told why, in no figure.")
        if private := sum(view.private.values()):
            lines.append(f"{name}: {numbers.counted(private, 'price')} handed in privately, only in averages.")
    return lines
