"""The headline and lead of a corridor's page, written from its listed services and figures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from reports import compare, held, numbers, wording
from reports.charts.strip import widest_gap
from reports.compare import Earlier
from reports.findings import AVERAGE, SMART
from reports.language import _, ngettext
from reports.lookup import Figure, Figures, Offer, Place

_TARGET, _CEILING = Decimal(3), Decimal(5)


def counted_offers(offers: list[Offer]) -> list[Offer]:
    """Those that stand behind figures: a disclosed rate, not too old, not in quarantine."""
    return [offer for offer in offers if offer.total_pct is not None and not offer.stale and not offer.quarantined]


def _totals(offers: list[Offer]) -> list[Decimal]:
    return sorted(offer.total_pct for offer in counted_offers(offers) if offer.total_pct is not None)


def headline(key: str, figures: Figures, place: Place, offers: list[Offer], private: int = 0) -> str:
    """What a sender finds in this corridor, in one line. With `private` services behind the figures, which are not
    listed, it says of which services it speaks."""
    return _("{corridor}: {finding}", corridor=wording.corridor_title(key), finding=_finding(figures, place, offers,
                                                                                             private > 0))  # fmt: skip


def _finding(figures: Figures, place: Place, offers: list[Offer], private: bool) -> str:
    shown = _totals(offers)
    average = figures.value(AVERAGE, place)
    if not shown and average is None:
        return _("no cost can be given {when}", when=numbers.period_words(figures.period))
    if not shown:
        return _("sending USD 200 costs {cost} on average", cost=numbers.percent(average))
    if len(shown) < 3:
        return _only_few(shown, private)
    gap = widest_gap(shown)
    if gap is not None:
        return _("{cheap}, {dear}", cheap=_cheap(shown, gap[0], private), dear=_dear(offers, gap[1]))
    low, high = shown[0], shown[-1]
    ends = {"low": numbers.percent(low), "high": numbers.percent(high)}
    if high - low >= 3 and high >= low * 2:
        if private:
            return _("the cheapest listed service costs {low}, the dearest {high}", **ends)
        return _("the cheapest service costs {low}, the dearest {high}", **ends)
    if average is None:
        if private:
            return _("listed services cost {low} to {high}", **ends)
        return _("services cost {low} to {high}", **ends)
    return _against_target(average)


def _only_few(shown: list[Decimal], private: bool) -> str:
    costs = [numbers.percent(total) for total in shown]
    if len(shown) == 1:
        if private:
            return _("only one listed service, at {cost}", cost=costs[0])
        return _("only one service, at {cost}", cost=costs[0])
    if private:
        return _("only two listed services, at {low} and {high}", low=costs[0], high=costs[1])
    return _("only two services, at {low} and {high}", low=costs[0], high=costs[1])


def _cheap(shown: list[Decimal], end: Decimal, private: bool) -> str:
    """`three services cost under 8%`."""
    n = sum(total <= end for total in shown)
    if end < 0:
        values = {"number": numbers.in_words(n)}
        if private:
            return ngettext("{number} listed service costs less than nothing",
                            "{number} listed services cost less than nothing", n, **values)  # fmt: skip
        return ngettext("{number} service costs less than nothing", "{number} services cost less than nothing", n,
                        **values)  # fmt: skip
    values = {"number": numbers.in_words(n), "level": numbers.percent(Decimal(int(end) + 1), 0)}
    if private:
        return ngettext("{number} listed service costs under {level}", "{number} listed services cost under {level}", n,
                        **values)  # fmt: skip
    return ngettext("{number} service costs under {level}", "{number} services cost under {level}", n, **values)


def _dear(offers: list[Offer], start: Decimal) -> str:
    """`nine bank services over 57%`; of several types only how many."""
    dear = [offer for offer in counted_offers(offers) if offer.total_pct is not None and offer.total_pct >= start]
    kinds = {offer.type for offer in dear}
    whole = int(start)
    level = numbers.percent(Decimal(whole - 1 if start == whole else whole), 0)
    say = _DEAR.get(kinds.pop()) if len(kinds) == 1 else None
    if say is None:
        return _("{number} over {level}", number=numbers.in_words(len(dear)), level=level)
    return say(len(dear), {"number": numbers.in_words(len(dear)), "level": level})


_DEAR: dict[str, Callable[[int, dict[str, str]], str]] = {
    "bank": lambda n, values: ngettext(
        "{number} bank service over {level}", "{number} bank services over {level}", n, **values
    ),
    "money_transfer_operator": lambda n, values: ngettext(
        "{number} money transfer operator over {level}", "{number} money transfer operators over {level}", n, **values
    ),
    "mobile_operator": lambda n, values: ngettext(
        "{number} mobile operator over {level}", "{number} mobile operators over {level}", n, **values
    ),
    "post_office": lambda n, values: ngettext(
        "{number} post office over {level}", "{number} post offices over {level}", n, **values
    ),
    "non_bank_fi": lambda n, values: ngettext(
        "{number} non-bank institution over {level}", "{number} non-bank institutions over {level}", n, **values
    ),
    "credit_union": lambda n, values: ngettext(
        "{number} credit union over {level}", "{number} credit unions over {level}", n, **values
    ),
}


def _against_target(average: Decimal) -> str:
    values = {"cost": numbers.percent(average), "target": numbers.percent(_TARGET, 0)}
    times = average / _TARGET
    if times > 4:
        return _("sending USD 200 costs {cost} on average, more than four times the {target} target", **values)
    if times > 3:
        return _("sending USD 200 costs {cost} on average, more than three times the {target} target", **values)
    if times > 2:
        return _("sending USD 200 costs {cost} on average, more than twice the {target} target", **values)
    if times >= Decimal("1.8"):
        return _("sending USD 200 costs {cost} on average, nearly twice the {target} target", **values)
    if times > 1:
        return _("sending USD 200 costs {cost} on average, above the {target} target", **values)
    if times == 1:
        return _("sending USD 200 costs {cost} on average, exactly the {target} target", **values)
    return _("sending USD 200 costs {cost} on average, under the {target} target", **values)


def lead(figures: Figures, place: Place, earlier: Earlier | None) -> str:
    """Average with its change, and the three cheapest against the ceiling."""
    average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
    if average is None or average.value is None:
        sentences = [_("No service with a disclosed rate is in force, so there is no average.")]
    else:
        sentences = [_average(average, average.value, figures, place, earlier)]
    if smart is not None and smart.value is not None:
        values = {"cost": numbers.percent(smart.value), "ceiling": numbers.percent(_CEILING, 0)}
        if smart.thin:
            sentences.append(_("Fewer than three services qualify, so the {ceiling} ceiling is not judged.", **values))
        elif smart.value <= _CEILING:
            sentences.append(_("The three cheapest average {cost}, inside the {ceiling} ceiling.", **values))
        else:
            sentences.append(_("Even the three cheapest average {cost}, above the {ceiling} ceiling.", **values))
    return " ".join(sentences)


def _average(average: Figure, now: Decimal, figures: Figures, place: Place, earlier: Earlier | None) -> str:
    n = average.services
    values = {"number": numbers.in_words(n), "cost": numbers.percent(now)}
    before = figures.at(AVERAGE, earlier.period, place) if earlier else None
    if before is None or before.value is None or earlier is None:
        return ngettext("The only service costs {cost}.", "The average of {number} services is {cost}.", n, **values)
    values |= {"before": numbers.percent(before.value), "earlier": earlier.words}
    match compare.direction(now, before.value):
        case "same":
            return ngettext(
                "The only service costs {cost}, as {earlier}.",
                "The average of {number} services is {cost}, as {earlier}.",
                n,
                **values,
            )
        case "hardly":
            return ngettext(
                "The only service costs {cost}, hardly changed from {before} {earlier}.",
                "The average of {number} services is {cost}, hardly changed from {before} {earlier}.",
                n,
                **values,
            )
        case "down":
            return ngettext(
                "The only service costs {cost}, down from {before} {earlier}.",
                "The average of {number} services is {cost}, down from {before} {earlier}.",
                n,
                **values,
            )
        case _:
            return ngettext(
                "The only service costs {cost}, up from {before} {earlier}.",
                "The average of {number} services is {cost}, up from {before} {earlier}.",
                n,
                **values,
            )


def strip_title(offers: list[Offer], private: int = 0) -> tuple[str, str]:
    """Title and text alternative of the strip."""
    shown = counted_offers(offers)
    totals = _totals(offers)
    low, high = totals[0], totals[-1]
    below3, below5 = sum(total < _TARGET for total in totals), sum(total <= _CEILING for total in totals)
    cheapest = numbers.separated(
        _("{name} {cost}", name=offer.name[:40], cost=numbers.percent(offer.total_pct)) for offer in shown[:3]
    )
    alternative = ngettext(
        "Strip chart of one service: {low}. {below3} under 3%, {below5} at or under 5%. Cheapest: {cheapest}.",
        "Strip chart of {n} services: {low} to {high}. {below3} under 3%, {below5} at or under 5%. Cheapest: "
        "{cheapest}.",
        len(totals),
        low=numbers.percent(low),
        high=numbers.percent(high),
        below3=numbers.count(below3),
        below5=numbers.count(below5),
        cheapest=cheapest,
    )
    gap = widest_gap(totals)
    if gap is not None:
        ends = {"low": numbers.percent(gap[0], 0), "high": numbers.percent(gap[1], 0)}
        if private:
            return _("Nothing listed between {low} and {high}", **ends), alternative
        return _("Nothing between {low} and {high}", **ends), alternative
    if len(totals) == 1:
        return _("One service, at {cost}", cost=numbers.percent(low)), alternative
    return _share_at_ceiling(below5, len(totals), private > 0), alternative


def _share_at_ceiling(part: int, whole: int, private: bool) -> str:
    """`10 of 21 services cost 5% or less`; two services at least."""
    values = {"whole": numbers.count(whole), "level": numbers.percent(_CEILING, 0)}
    if part == whole:
        if private:
            return _("All {whole} listed services cost {level} or less", **values)
        return _("All {whole} services cost {level} or less", **values)
    if part == 0:
        if private:
            return _("None of {whole} listed services costs {level} or less", **values)
        return _("None of {whole} services costs {level} or less", **values)
    if private:
        return ngettext(
            "{n} of {whole} listed services costs {level} or less",
            "{n} of {whole} listed services cost {level} or less",
            part,
            **values,
        )
    return ngettext(
        "{n} of {whole} services costs {level} or less", "{n} of {whole} services cost {level} or less", part, **values
    )


def asked(offers: list[Offer]) -> str:
    """`Asked 18 to 27 August 2025`, `Asked on 19 August 2025`, or nothing."""
    days = sorted({offer.day for offer in offers if offer.day is not None})
    return _("Asked {when}", when=held.span(days[0], days[-1])) if days else ""
