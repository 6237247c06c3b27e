"""The 12 requirements for national price databases (World Bank), checked one by one against an edition's own data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from reports import numbers, wording
from reports.findings import AVERAGE
from reports.language import N_, NP_, Words, _, ngettext
from reports.site import BasisView, Site

STATES = {
    # code: words, class and icon of the status
    "met": (NP_("requirement", "Met"), "met", "tick"),
    "partly": (N_("Partly"), "slow", "slope"),
    "not_met": (NP_("requirement", "Not met"), "bad", "cross"),
    "unknown": (N_("Cannot be known"), "none", "dash"),
}
NAMES = Words({
    "two_amounts": N_("Two price points"),
    "fees": N_("Fees to the sender"),
    "rate": N_("Exchange rate applied"),
    "total": N_("Total of the costs identified"),
    "speed": N_("Speed"),
    "service": N_("Type of service"),
    "coverage": N_("60% of the market in every corridor"),
    "independent": N_("Independent researchers"),
    "mystery": N_("Validation by mystery shopping"),
    "advertising": N_("No advertising"),
    "funding": N_("No subscription, and clear funding"),
    "links": N_("Links to other approved databases"),
})  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One requirement: how it stands, why in sentences, and where that is seen (a path and its words)."""

    code: str
    state: str
    why: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = field(default=())

    @property
    def name(self) -> str:
        """What is required."""
        return NAMES[self.code]


def requirements(site: Site) -> list[Check]:
    """All 12, in their order. What is said of the data is counted on every basis, at USD 200, of listed services."""
    return [
        _two_amounts(site),
        _of_services(site, "fees", _has_fee, _fees_stated),
        _of_services(site, "rate", _discloses, _rates_disclosed),
        _of_services(site, "total", _has_total, _totals_held),
        _of_services(site, "speed", _states_speed, _speeds_stated),
        _of_services(site, "service", _states_type, _ways_stated),
        Check(
            "coverage",
            "unknown",
            (
                _("No file of market shares is held, so the share of the market that is priced is not known."),
                _("Corridors keep their verdict all the same; read it as of the services listed."),
            ),
        ),
        _independent(site),
        _mystery(site),
        Check(
            "advertising",
            "met",
            (_("No page holds an advertisement or a paid place; tables are in the order of cost or name."),),
            (("about.html#independence", _("Independence")),),
        ),
        Check(
            "funding",
            "partly",
            (
                _("Everything is open without a subscription."),
                _("How this monitor is funded is not in the data: its operator has to say."),
            ),
            (("about.html#independence", _("Independence")),),
        ),
        Check(
            "links",
            "partly",
            (
                _("The pages link to Remittance Prices Worldwide, the custodian’s own database."),
                _("No list of the approved national and regional ones is held."),
            ),
            (("https://remittanceprices.worldbank.org/", "Remittance Prices Worldwide"),),
        ),
    ]


def _two_amounts(site: Site) -> Check:
    why, shares = [], []
    for view in site.views:
        first, second = (set(view.figures.places("corridor", AVERAGE, amount)) for amount in (200, 500))
        first, second = _with_value(view, first, 200), _with_value(view, second, 500)
        shares.append((len(first & second), len(first)))
        why.append(
            ngettext(
                "{basis}: {part} of {n} corridor has a figure at USD 200 and at USD 500.",
                "{basis}: {part} of {n} corridors have figures at USD 200 and at USD 500.",
                len(first),
                basis=wording.basis_name(view.basis),
                part=numbers.count(len(first & second)),
            )
        )
    return Check("two_amounts", _state(shares), tuple(why))


def _with_value(view: BasisView, places: set[tuple[str, str, str]], amount: int) -> set[tuple[str, str, str]]:
    return {place for place in places if view.figures.value(AVERAGE, place, amount) is not None}


_Sentence = Callable[..., str]
"""What is said of a basis, for a number of services: a plural of the language spoken."""


def _fees_stated(n: int, **values: object) -> str:
    return ngettext(
        "{basis}: {part} of {n} service states its fee.",
        "{basis}: {part} of {n} services state their fee.",
        n,
        **values,
    )


def _rates_disclosed(n: int, **values: object) -> str:
    return ngettext(
        "{basis}: {part} of {n} service discloses its rate.",
        "{basis}: {part} of {n} services disclose their rate.",
        n,
        **values,
    )


def _totals_held(n: int, **values: object) -> str:
    return ngettext(
        "{basis}: {part} of {n} service has a total of fee and margin.",
        "{basis}: {part} of {n} services have a total of fee and margin.",
        n,
        **values,
    )


def _speeds_stated(n: int, **values: object) -> str:
    return ngettext(
        "{basis}: {part} of {n} service states how fast it pays out.",
        "{basis}: {part} of {n} services state how fast they pay out.",
        n,
        **values,
    )


def _ways_stated(n: int, **values: object) -> str:
    return ngettext(
        "{basis}: {part} of {n} service states how it is paid in, ordered and paid out.",
        "{basis}: {part} of {n} services state how they are paid in, ordered and paid out.",
        n,
        **values,
    )


def _of_services(site: Site, code: str, holds: Callable[[pd.DataFrame], pd.Series], said: _Sentence) -> Check:
    """A requirement on every service: on each basis, how many satisfy it."""
    why, shares = [], []
    for view in site.views:
        rows = listed(site, view)
        part, whole = int(holds(rows).sum()), len(rows)
        shares.append((part, whole))
        basis = wording.basis_name(view.basis)
        why.append(said(whole, basis=basis, part=numbers.count(part)))
    return Check(code, _state(shares), tuple(why))


def listed(site: Site, view: BasisView) -> pd.DataFrame:
    """The rows of services at USD 200 that pages may name."""
    hidden = {source.key for source in site.data.sources if source.redistribution == "none"}
    rows = view.data.services
    shown = (rows["tier"] == 200) & ~rows["private"].astype(bool) & ~rows["source"].isin(hidden)
    return rows[shown.to_numpy(dtype=bool)]


def _has_fee(rows: pd.DataFrame) -> pd.Series:
    return rows["fee_e8"].notna()


def _discloses(rows: pd.DataFrame) -> pd.Series:
    return rows["transparent"].astype(bool)


def _has_total(rows: pd.DataFrame) -> pd.Series:
    return rows["total_e8"].notna()


def _states_speed(rows: pd.DataFrame) -> pd.Series:
    return ~rows["speed"].isin(["", "unknown"])


def _states_type(rows: pd.DataFrame) -> pd.Series:
    stated = pd.Series(True, index=rows.index)
    for name in ("payment_instrument", "access_point", "pickup_method"):
        stated &= ~rows[name].isin(["", "unknown"])
    return stated


def _state(shares: list[tuple[int, int]]) -> str:
    """`met` where all of all satisfy it, `not_met` where none does, `unknown` without any."""
    part, whole = sum(part for part, _whole in shares), sum(whole for _part, whole in shares)
    if not whole:
        return "unknown"
    return "met" if part == whole else "partly" if part else "not_met"


def _bases(site: Site) -> tuple[bool, bool]:
    """Whether survey rows and whether collected prices stand behind the edition."""
    held = {view.basis for view in site.views}
    return "survey" in held, bool(held - {"survey"})


def _independent(site: Site) -> Check:
    survey, collected = _bases(site)
    why = []
    if survey:
        why.append(_("Survey rows: asked by researchers, as the survey’s publisher states."))
    if collected:
        why.append(_("Collected prices: read by a program from what providers show to everybody."))
        if any(line.handed_in for line in site.data.sources):
            why.append(_("Handed-in prices come from whom they name; the data cannot tell how independent they are."))
    why.append(_("Whether the operator is independent of providers cannot be read from the data."))
    return Check("independent", "unknown" if collected else "partly", tuple(why))


def _mystery(site: Site) -> Check:
    survey, collected = _bases(site)
    why = []
    if survey:
        why.append(_("Survey rows: researchers ask as customers, as the survey’s publisher states."))
    if collected:
        why.append(_("Collected prices are not validated by sending money; no record of such a check is held."))
    return Check("mystery", "partly" if survey else "not_met", tuple(why))
