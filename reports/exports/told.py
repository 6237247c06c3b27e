"""The findings of an export in plain sentences: those of the overview, or of one country."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports import compare, findings, key_findings, names, numbers, promises, wording
from reports.exports.inputs import ExportInput
from reports.findings import AVERAGE, FEE, MARGIN
from reports.lookup import Place
from reports.site import BasisView


@dataclass(frozen=True)
class Told:
    """What the figures of one basis say: a headline, and the sentences under it."""

    basis: str
    period: str
    headline: str
    sentences: tuple[str, ...]


def told(export: ExportInput) -> list[Told]:
    """The findings of the newest period of each basis, the lead basis first."""
    return [
        _of_country(view, export.country) if export.country else _of_world(export, view) for view in export.site.views
    ]


def _of_world(export: ExportInput, view: BasisView) -> Told:
    data, figures = view.data, view.figures
    earlier = compare.earlier_period(data, figures, view.as_of)
    target = promises.cost_target(export.data.targets, view.basis)
    found = key_findings.key_findings(data, figures, earlier, view.undisclosed())
    return Told(
        basis=view.basis,
        period=data.period,
        headline=findings.headline(data, figures, earlier, target, part=view.part),
        sentences=(
            findings.lead(data, figures, part=view.part),
            *(finding.text for finding in found),
        ),
    )


def _of_country(view: BasisView, country: str) -> Told:
    name = names.country(country)
    sides: tuple[tuple[Place, str], ...] = ((("receiver", country, ""), "to"), (("sender", country, ""), "from"))
    sentences = [sentence for place, way in sides for sentence in _side(view, place, f"{way} {name}")]
    return Told(
        basis=view.basis,
        period=view.data.period,
        headline=f"Sending to and from {name}, {numbers.period_words(view.data.period)}",
        sentences=tuple(sentences),
    )


def _side(view: BasisView, place: Place, where: str) -> Iterator[str]:
    average = view.figures.get(AVERAGE, place)
    if average is None:
        yield f"No figure is held of sending {where}."
        return
    if average.value is None:
        why = ", ".join(map(wording.plain, average.flags)) or "nothing is held"
        yield f"Sending USD 200 {where} has no average: {why}."
        return
    behind = (
        f"{numbers.counted(average.services, 'service')} in {numbers.counted(average.corridors, 'corridor')}, "
        f"{numbers.counted(average.providers, 'provider')}"
    )
    yield f"Sending USD 200 {where} costs {numbers.percent(average.value, 2)} on average ({behind})."
    fee, margin = (view.figures.value(code, place) for code in (FEE, MARGIN))
    if fee is not None and margin is not None:
        yield (
            f"Of this, {numbers.number(fee, 2)} points are fees and {numbers.number(margin, 2)} points the margin of "
            "the exchange rate."
        )
