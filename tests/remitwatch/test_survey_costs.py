"""Survey prices priced by columns: exactly what is computed of each alone."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workbook import write_workbook
from remitwatch.corridors import Corridor
from remitwatch.costs import Observation, observe
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote, SurveyRow
from remitwatch.ratebook import RateBook
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, Provider
from remitwatch.survey_costs import SurveyObservations, SurveyPrice, SurveyPrices, observe_survey
from scrapers import registry
from scrapers.runner import read_file

NOW = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)
NO_BOOK = RateBook([])


def price_of(quote: Quote, number: int) -> SurveyPrice:
    row, lane = quote.survey, quote.inquiry.corridor
    assert row is not None
    assert quote.inquiry.tier is not None

    def text(value: Any) -> Any:
        return None if value is None else str(value)

    return SurveyPrice(
        number, lane.sender, lane.send_currency, lane.receive_currency, str(quote.inquiry.send_amount),
        quote.inquiry.tier, str(quote.fee), text(quote.rate), quote.transparent, row.period, text(row.fx_margin_pct),
        text(row.total_cost_pct), text(row.interbank_rate), text(row.observed_on),
    )  # fmt: skip


def alone(quote: Quote, number: int) -> tuple[Any, ...]:
    seen = observe(quote, number, day=dt.date(2025, 8, 18), book=NO_BOOK)
    assert isinstance(seen, Observation)
    parts = (seen.fee_pct, seen.fx_margin_pct, seen.total_cost_pct, seen.received_cost_pct)
    return (number, *(None if one is None else int(one.scaleb(8)) for one in parts), "+".join(seen.flags))


def rows(seen: SurveyObservations) -> list[tuple[Any, ...]]:
    return list(zip(seen.ids, seen.fee, seen.margin, seen.total, seen.received, seen.flags, strict=True))


@pytest.mark.slow
def test_a_whole_messy_workbook(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "survey.xlsx", rows=4000).path
    harvest = read_file(registry.scraper("worldbank_survey"), path, archive=None, now=lambda: NOW)
    quotes = [one.value for one in harvest.quotes]
    seen = observe_survey(SurveyPrices.of_rows([price_of(quote, number) for number, quote in enumerate(quotes)]))
    expected = [alone(quote, number) for number, quote in enumerate(quotes)]
    assert rows(seen) == [one for one in expected if one[0] not in set(seen.left)]
    assert len(seen.left) < len(quotes) / 100
    flags = {flag for one in expected for flag in one[-1].split("+")}
    assert {"undisclosed", "no_interbank_rate", "identity_off", "rate_advantage"} <= flags


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


PERCENTAGES = st.one_of(
    decimals("-60", "310", 2),
    decimals("-5", "60", 15),
    st.sampled_from([Decimal(one) for one in ("0", "50", "1e6", "3.005")]),
)
RATES = st.one_of(
    decimals("0.0001", "2", 4), decimals("0.5", "30000", 6), st.sampled_from([Decimal(1), Decimal("1.15")])
)


LANES = (("USA", "SLV", "USD", "USD"), ("GBR", "IND", "GBP", "INR"), ("USA", "NGA", "USD", "NGN"))
GAPS = ("0", "0.01", "-0.01", "0.010000000000001", "0.05", "0.02")
AMOUNTS = ("200", "120", "324500", "150000", "33000", "0.07", "7")
GIVEN = st.fixed_dictionaries(
    {
        "lane": st.sampled_from(LANES),
        "amount": st.sampled_from(AMOUNTS).map(Decimal),
        "tier": st.sampled_from([200, 500]),
        "fee": st.one_of(decimals("0", "30", 2), decimals("0", "20000", 0), st.just(Decimal(0))),
        "margin": st.none() | PERCENTAGES,
        "total": PERCENTAGES,
        "gap": st.none() | st.sampled_from(GAPS).map(Decimal),
        "rate": st.none() | RATES,
        "interbank": st.none() | st.just(Decimal(0)) | RATES,
        "disclosed": st.booleans() | st.just(True),
        "observed_on": st.none() | st.dates(dt.date(2025, 6, 25), dt.date(2025, 10, 5)),
    }
)


@settings(max_examples=400, deadline=None)
@given(GIVEN)
def test_any_price(one: dict[str, Any]) -> None:
    margin, total, disclosed, lane = one["margin"], one["total"], one["disclosed"], one["lane"]
    if one["gap"] is not None and margin is not None:
        total = (one["fee"] / one["amount"] * 100).quantize(Decimal("0.000001")) + margin + one["gap"]
    quote = Quote(
        inquiry=Inquiry(
            corridor=Corridor(sender=lane[0], receiver=lane[1], send_currency=lane[2], receive_currency=lane[3]),
            send_amount=one["amount"],
            tier=one["tier"],
        ),
        provider=Provider(key="a", name="A"),
        basis=Basis.SURVEY,
        payment_instrument=(PaymentInstrument.CASH,),
        access_point=(AccessPoint.AGENT,),
        pickup_method=PickupMethod.CASH,
        fee=one["fee"],
        fee_model=FeeModel.ADDED,
        rate=one["rate"] if disclosed else None,
        transparent=disclosed,
        survey=SurveyRow(
            period="2025-Q3",
            row="1",
            fx_margin_pct=margin if disclosed else None,
            total_cost_pct=total if disclosed else None,
            interbank_rate=one["interbank"] if disclosed else None,
            observed_on=one["observed_on"],
            sender_region=None,
            receiver_region=None,
            receiver_income_group=None,
            labels={},
        ),
    )
    seen = observe_survey(SurveyPrices.of_rows([price_of(quote, 5)]))
    if seen.left:
        assert seen.left == [5]
        assert rows(seen) == []
    else:
        assert rows(seen) == [alone(quote, 5)]


def test_nothing_gives_nothing() -> None:
    assert rows(observe_survey(SurveyPrices.of_rows([]))) == []


@pytest.mark.parametrize("total", ["1000000", "-1000000", "50"])
def test_what_needs_care_is_left(total: str) -> None:
    price = SurveyPrice(1, "USA", "USD", "MXN", "200", 200, "3", "18", True, "2025-Q3", "1", total, "18.5", None)
    assert observe_survey(SurveyPrices.of_rows([price])).left == [1]
