"""The key figures at the head of a corridor's page, and the notices under them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reports import corridor_words, numbers, wording
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.inputs import SourceLine
from reports.language import _, ngettext
from reports.lookup import Figure, Figures, Offer, Place
from reports.site import BasisView

CEILING = Decimal(5)


@dataclass(frozen=True)
class Fact:
    """A key figure. `status`: a code of `promises.STATUS`, or empty; `tag` beside the value."""

    name: str
    value: str
    text: str
    tag: str = ""
    status: str = ""
    status_words: str = ""


def facts(figures: Figures, place: Place, counted: list[Offer], private: int) -> list[Fact]:
    """SmaRT, the averages, the cheapest service and how many pay out at once."""
    found = [_smart(figures.get(SMART, place), counted, private), _average(figures, place, private)]
    large = figures.get(AVERAGE, place, 500)
    if large is not None and large.value is not None:
        behind = ngettext("{n} service", "{n} services", large.services)
        found.append(Fact(_("Average, USD 500"), numbers.percent(large.value), behind))
    if not counted:
        return found
    cheapest = counted[0]
    found.append(
        Fact(
            _("Cheapest listed") if private else _("Cheapest"),
            numbers.percent(cheapest.total_pct),
            _("{provider}: {payin} → {payout}", provider=cheapest.name, payin=cheapest.payment, payout=cheapest.pickup),
        )
    )
    within = sum(offer.speed == "within_hour" for offer in counted)
    unknown = sum(offer.speed == "unknown" for offer in counted)
    text = _("listed services that pay out within one hour")
    if unknown:
        text = ngettext(
            "listed services that pay out within one hour; {n} does not state a speed",
            "listed services that pay out within one hour; {n} do not state a speed",
            unknown,
        )
    value = _("{part} of {whole}", part=numbers.count(within), whole=numbers.count(len(counted)))
    found.append(Fact(_("Paid out within one hour"), value, text))
    return found


def _average(figures: Figures, place: Place, private: int) -> Fact:
    average, fee, margin = (figures.get(code, place) for code in (AVERAGE, FEE, MARGIN))
    name = _("Average, USD 200")
    if average is None or average.value is None:
        return Fact(name, "–", why_absent(average), tag=_("No figure"))
    n, value = average.services, numbers.percent(average.value)
    if fee is None or margin is None or fee.value is None or margin.value is None:
        if private:
            text = ngettext("{n} service, {private} private", "{n} services, {private} of them private", n,
                            private=numbers.count(private))  # fmt: skip
        else:
            text = ngettext("{n} service", "{n} services", n)
        return Fact(name, value, text)
    parts = {"fee": numbers.number(fee.value), "margin": numbers.number(margin.value)}
    if private:
        text = ngettext(
            "{n} service, {private} private: {fee} points fee, {margin} margin",
            "{n} services, {private} of them private: {fee} points fee, {margin} margin",
            n,
            private=numbers.count(private),
            **parts,
        )
    else:
        text = ngettext(
            "{n} service: {fee} points fee, {margin} margin", "{n} services: {fee} points fee, {margin} margin", n,
            **parts,
        )  # fmt: skip
    return Fact(name, value, text)


def why_absent(figure: Figure | None) -> str:
    """Why a figure has no value, in a sentence."""
    flags = figure.flags if figure else ()
    return next(
        (wording.ABSENT[flag] for flag in flags if flag in wording.ABSENT),
        _("No service with a disclosed rate is in force."),
    )


def _smart(smart: Figure | None, counted: list[Offer], private: int) -> Fact:
    name, unjudged = _("Three cheapest (SmaRT)"), _("Not assessable")
    if smart is None or smart.value is None:
        withheld = smart is not None and "private_suppressed" in smart.flags
        text = wording.ABSENT["private_suppressed"] if withheld else _("no service qualifies")
        return Fact(name, "–", text, status="not_assessable", status_words=unjudged)
    ceiling = numbers.percent(CEILING, 0)
    unlisted = _unlisted_slots(smart, counted) if private else ""
    if smart.thin:
        text = _("Fewer than three services qualify: shown, not judged against the {ceiling} ceiling.", ceiling=ceiling)
        text = f"{text} {unlisted}".strip()
        return Fact(name, numbers.percent(smart.value), text, status="not_assessable", status_words=unjudged)
    if smart.value <= CEILING:
        words, status = _("Met: at or under {ceiling}", ceiling=ceiling), "met"
    else:
        words, status = _("Above the {ceiling} ceiling", ceiling=ceiling), "not_met"
    sentences = [_("Mean of the three cheapest services."), unlisted]
    if "speed_unknown" in smart.flags:
        sentences.append(_("Some of them do not state a speed."))
    return Fact(
        name, numbers.percent(smart.value), " ".join(filter(None, sentences)), status=status, status_words=words
    )


def _unlisted_slots(smart: Figure, counted: list[Offer]) -> str:
    """How many of the services behind SmaRT are private, in a sentence."""
    slots = min(smart.services, 3)
    private = slots - sum(1 <= offer.smart_rank <= 3 for offer in counted)
    if private <= 0:
        return ""
    if private == slots:
        return _("All of them are private prices, not listed.")
    return ngettext(
        "{part} of the {whole} is a private price, not listed.",
        "{part} of the {whole} are private prices, not listed.",
        private,
        part=_capital(numbers.in_words(private)),
        whole=numbers.in_words(slots),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


Note = tuple[str, str]
"""What it is, in a strong sentence; what it means for the reader."""


def notes(
    view: BasisView, key: str, offers: list[Offer], sources: list[SourceLine], average: Figure | None
) -> list[Note]:
    """What a reader must know before the figures."""
    found: list[Note] = []
    if part := view.part:
        found.append((
            _("{period}: {part}.", period=view.data.period, part=part.words),
            _("The figures are provisional. Prices are held {when}.", when=part.when),
        ))  # fmt: skip
    if stale := sum(offer.stale for offer in offers):
        found.append((
            ngettext("{n} price is too old to count.", "{n} prices are too old to count.", stale),
            _("The averages leave them out; the table shows them with their age."),
        ))  # fmt: skip
    if held := sum(offer.quarantined for offer in offers):
        found.append((
            ngettext("{n} price is in quarantine.", "{n} prices are in quarantine.", held),
            _("The averages leave them out until a person has looked at them; the table says why."),
        ))  # fmt: skip
    if private := view.private.get(key, 0):
        found.append(_private(private, average, len(corridor_words.counted_offers(offers))))
    for flag, (strong, rest) in wording.CORRIDOR_FLAGS.items():
        if any(flag in offer.flags for offer in offers):
            found.append((_(strong), _(rest)))
    return found + _late(sources)


def _private(private: int, average: Figure | None, listed: int) -> Note:
    """That private prices stand behind the corridor's figures: how many, and that none is listed."""
    strong = ngettext("{n} price was handed in privately.", "{n} prices were handed in privately.", private)
    rule = _("Such prices are in averages of three such providers or more, in no breakdown, and are not listed.")
    if average is None or average.value is None:
        return strong, rule
    behind = ngettext(
        "The average is of {n} service: {listed} listed and {private} private.",
        "The average is of {n} services: {listed} listed and {private} private.",
        average.services,
        listed=numbers.count(listed),
        private=numbers.count(private),
    )
    return strong, f"{behind} {rule}"


def _late(sources: list[SourceLine]) -> list[Note]:
    found: list[Note] = []
    waiting = [source.name for source in sources if source.state == "held"]
    if waiting:
        found.append((
            ngettext("The newest run of {sources} is held.", "The newest runs of {sources} are held.", len(waiting),
                     sources=numbers.listed(waiting)),
            _("It brought less than it should. The last accepted prices stay in force, with their age."),
        ))  # fmt: skip
    late = [source for source in sources if source.state in ("stale", "failing")]
    if late:
        ages = [source.age_days for source in late if source.age_days]
        found.append((
            ngettext("{sources} is late.", "{sources} are late.", len(late),
                     sources=numbers.listed(source.name for source in late)),
            ngettext("No accepted answer for {n} day.", "No accepted answer for {n} days.", max(ages)) if ages else "",
        ))  # fmt: skip
    return found
