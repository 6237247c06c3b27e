"""The words: values that refuse what they cannot mean, and arithmetic that must add up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from remitwatch import errors
from remitwatch.benchmarks import Benchmark
from remitwatch.corridors import Corridor, corridor, corridor_key, watched_corridors
from remitwatch.countries import countries, country_code, find_country, from_iso2, vintage
from remitwatch.currencies import currencies, find_currency
from remitwatch.errors import InputError
from remitwatch.fields import exact_decimal, utc_time
from remitwatch.quotes import Inquiry, Quote, SurveyRow
from remitwatch.rates import ReferenceRate
from remitwatch.reference import read_notes, read_rows
from remitwatch.runs import FromSnapshot, Harvest, Issue, record_text
from remitwatch.services import Provider, provider_key
from remitwatch.sources import read_definition

LANE = Corridor(sender="GBR", receiver="IND", send_currency="GBP", receive_currency="INR")
TABLES = ("corridors.csv", "countries.csv", "currencies.csv", "send_amounts.csv")


def quote(amount: Any = 120, lane: Corridor = LANE, **fields: Any) -> Quote:
    plain: dict[str, Any] = {
        "provider": Provider(key="acme", name="Acme"), "basis": "standard", "payment_instrument": "bank_account",
        "access_point": "internet", "pickup_method": "bank_account", "fee": "1.90", "fee_model": "deducted",
        "rate": "116.6405",
    }  # fmt: skip
    return Inquiry(corridor=lane, send_amount=amount, tier=200).quote(**plain | fields)


class TestExactness:
    @given(st.decimals(-(10**18), 10**18, places=12))
    def test_a_decimal_keeps_every_digit(self, number: Decimal) -> None:
        assert exact_decimal(str(number)) == number
        assert str(exact_decimal(number)) == str(number)

    @pytest.mark.parametrize("text", ["1.99", "-0.5", "+3", ".5", "5.", "1e-3", "2E5", "0"])
    def test_plain_numbers_are_read(self, text: str) -> None:
        assert exact_decimal(text) == Decimal(text)

    @pytest.mark.parametrize(
        "wrong", [1.99, True, None, "", " 1", "1,5", "1_000", "nan", "Infinity", Decimal("NaN"), "٣", "1e9999", b"1"]
    )
    def test_binary_and_doubtful_numbers_are_refused(self, wrong: Any) -> None:
        with pytest.raises(ValueError, match="expected"):
            exact_decimal(wrong)

    def test_times_are_utc_and_never_naive(self) -> None:
        assert utc_time("2026-10-30T12:00:00+05:00") == dt.datetime(2026, 10, 30, 7, tzinfo=dt.UTC)
        assert utc_time("2026-10-30T12:00:00+05:00").tzinfo is dt.UTC
        for naive in ("2026-10-30T12:00:00", dt.datetime(2026, 10, 30), 1790000000):
            with pytest.raises(ValueError, match="offset"):
                utc_time(naive)

    def test_values_cannot_be_changed_and_know_no_other_fields(self) -> None:
        with pytest.raises(ValidationError):
            LANE.sender = "USA"
        with pytest.raises(ValidationError, match="extra"):
            Corridor(sender="GBR", receiver="IND", send_currency="GBP", receive_currency="INR", colour="red")


class TestPlaces:
    def test_a_corridor_is_directed_and_written_one_way(self) -> None:
        assert corridor("gbr-ind") == LANE
        assert str(corridor("INDGBR")) == "IND-GBR" != LANE.key
        assert corridor_key("RWAKSV") == "RWA-XKX"

    @pytest.mark.parametrize("wrong", ["GBR", "GB-IN", "GBR-XXX", "GBR_IND", "GBR-IND-USA", "", "GBR-ÌND"])
    def test_a_corridor_of_unknown_countries_is_refused(self, wrong: str) -> None:
        with pytest.raises(InputError, match="corridor"):
            corridor_key(wrong)

    def test_countries_carry_what_is_known_with_its_vintage(self) -> None:
        namibia = find_country("nam")
        assert (namibia.iso2, namibia.m49, namibia.region) == ("NA", "516", "Sub-Saharan Africa")
        assert countries()["AIA"].region is None
        assert vintage() == "2023-05"
        assert from_iso2("na") == "NAM"
        assert country_code("KSV") == "XKX"
        with pytest.raises(InputError, match="ISO 3166-1"):
            find_country("ENG")
        with pytest.raises(ValueError, match="alpha-2"):
            from_iso2("UK")

    def test_codes_are_unique(self) -> None:
        rows = read_rows("countries.csv")
        for column in ("code", "iso2"):
            assert len({row[column] for row in rows}) == len(rows) > 200
        numbers = [row["m49"] for row in rows if row["m49"]]
        assert len(set(numbers)) == len(numbers)

    def test_every_countrys_currency_and_every_watched_corridor_is_known(self) -> None:
        assert {one.currency for one in countries().values() if one.currency} <= set(currencies())
        assert all(corridor(key).key == key for key in watched_corridors())

    @pytest.mark.parametrize(("code", "unit"), [("GBP", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("UGX", "1")])
    def test_the_smallest_unit_of_a_currency(self, code: str, unit: str) -> None:
        assert find_currency(code).smallest_unit == Decimal(unit)
        with pytest.raises(ValueError, match="ISO 4217"):
            find_currency(code.lower())

    @pytest.mark.parametrize("name", TABLES)
    def test_every_table_says_where_its_facts_come_from_and_when_they_held(self, name: str) -> None:
        notes = read_notes(name)
        assert notes["source"]
        assert notes["as_of"][:2] == "20"


class TestProviders:
    @pytest.mark.parametrize(
        "name", ["Western Union", "western-union", " WESTERN  UNION ", "Western_Union", "Wéstern Union"]
    )
    def test_ways_to_write_a_name_have_one_key(self, name: str) -> None:
        assert provider_key(name) == "western_union"

    @given(st.text())
    def test_a_key_is_a_key_or_there_is_none(self, name: str) -> None:
        try:
            key = provider_key(name)
        except ValueError:
            return
        assert Provider(key=key, name="x").key == key
        assert provider_key(key) == key

    def test_types_are_a_set_in_order(self) -> None:
        joint = Provider(key="a", name="A", types=("post_office", "bank", "bank"))
        assert joint.types == ("bank", "post_office")
        with pytest.raises(ValidationError):
            Provider(key="a", name="A", types=("shop",))
        with pytest.raises(ValidationError):
            Provider(key="a", name="A", types=())

    def test_a_service_is_named_without_speed_coverage_source_and_basis(self) -> None:
        slow, fast = (
            quote(speed=speed, coverage=coverage, basis=basis)
            for speed, coverage, basis in (("two_days", "low", "standard"), ("within_hour", "high", "estimate"))
        )
        assert slow.service == fast.service
        assert slow.service.key == "acme:GBR-IND:GBP-INR:bank_account:internet:bank_account:"
        assert quote(product="express").service != slow.service
        joint = quote(payment_instrument=["debit_card", "cash"])
        assert joint.service.key == "acme:GBR-IND:GBP-INR:cash+debit_card:internet:bank_account:"
        assert joint.service == quote(payment_instrument=("cash", "debit_card", "cash")).service


class TestQuoteArithmetic:
    def test_the_documented_wise_example_adds_up(self) -> None:
        assert quote(receive_amount="13775.24").receive_amount == Decimal("13775.24")  # (120 - 1.90) x 116.6405

    @pytest.mark.parametrize(
        ("fee_model", "received", "fits"),
        [
            ("deducted", "13775.24", True), ("deducted", "13996.86", False), ("added", "13996.86", True),
            ("added", "13775.24", False), ("unknown", "13996.86", True), ("unknown", "13775.24", True),
            ("unknown", "13880", False), ("deducted", "13777.24", False), ("deducted", "13775", True),
        ],
    )  # fmt: skip
    def test_the_received_amount_must_follow_from_its_parts(self, fee_model: str, received: str, fits: bool) -> None:
        if fits:
            quote(fee_model=fee_model, receive_amount=received)
        else:
            with pytest.raises(ValidationError, match="does not follow"):
                quote(fee_model=fee_model, receive_amount=received)

    @given(
        amount=st.decimals("1", "100000", places=2),
        share=st.integers(0, 99),
        rate=st.decimals("0.0001", "30000", places=4),
        added=st.booleans(),
    )
    def test_honest_quotes_add_up_whatever_their_size(
        self, amount: Decimal, share: int, rate: Decimal, added: bool
    ) -> None:
        fee = (amount * share / 100).quantize(Decimal("0.01"))
        received = ((amount if added else amount - fee) * rate).quantize(Decimal("0.01"))
        if fee < amount and received > 0:
            quote(amount, fee=fee, rate=rate, fee_model="added" if added else "deducted", receive_amount=received)

    def test_what_the_sender_hands_over(self) -> None:
        assert quote().total_paid == 120
        assert quote(fee_model="added").total_paid == Decimal("121.90")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"fee": "-1"}, {"fee": 1.9}, {"fee": None}, {"rate": "0"}, {"rate": "-116"}, {"rate": None}, {"amount": 0},
            {"amount": "-120"}, {"fee": "120"}, {"fee_currency": "EUR"}, {"fee_currency": "GBX"},
            {"transparent": False}, {"basis": "survey"}, {"basis": "guess"}, {"speed": "soon"}, {"receive_amount": "0"},
            {"payment_instrument": ()}, {"payment_instrument": "cheque"}, {"pickup_method": None},
            {"quoted_at": dt.datetime(2026, 10, 30)}, {"colour": "red"},
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            quote(**wrong)

    def test_an_undisclosed_rate_is_none_and_needs_no_sum(self) -> None:
        assert quote(transparent=False, rate=None).rate is None

    def test_a_survey_row_belongs_to_basis_survey(self) -> None:
        row = SurveyRow(
            period="2025-Q3", row="7", fx_margin_pct="0", total_cost_pct=None, interbank_rate="0", observed_on=None,
            sender_region=None, receiver_region=None, receiver_income_group=None, labels={"firm": "Acme"},
        )  # fmt: skip
        assert quote(basis="survey", survey=row).survey == row
        with pytest.raises(ValidationError, match="belong together"):
            quote(survey=row)
        with pytest.raises(ValidationError):
            SurveyRow(**row.model_dump() | {"period": "2025_3Q"})

    def test_an_inquiry_of_no_tier_and_an_answer_without_a_price(self) -> None:
        asked = Inquiry(corridor=LANE, send_amount="1000")
        assert str(asked) == "GBR-IND GBP 1000"
        assert asked.not_offered("over the limit").inquiry is asked
        with pytest.raises(ValidationError):
            asked.not_offered("")
        with pytest.raises(ValidationError):
            Inquiry(corridor=LANE, send_amount="120", tier=300)


class TestOtherWords:
    def test_a_reference_rate_is_of_two_currencies_and_above_zero(self) -> None:
        plain: dict[str, Any] = {"base": "EUR", "quote": "USD", "date": dt.date(2026, 10, 30), "rate": "1.16"}
        assert ReferenceRate(**plain).rate == Decimal("1.16")
        for wrong in ({"quote": "EUR"}, {"rate": "0"}, {"base": "EURO"}, {"rate": 1.16}):
            with pytest.raises(ValidationError):
                ReferenceRate(**plain | wrong)

    def test_a_benchmark_is_of_a_quarter_or_a_year(self) -> None:
        plain: dict[str, Any] = {
            "series": "ATCR.CORR", "scope": "corridor", "sender": "KSV", "receiver": "ALB", "period": "2011-Q1",
            "value": "-0.10",
        }  # fmt: skip
        assert Benchmark(**plain).sender == "XKX"
        with pytest.raises(ValidationError):
            Benchmark(**plain | {"period": "2011Q1"})

    def test_a_harvest_counts_what_it_holds(self) -> None:
        harvest = Harvest(source="acme", started_at=dt.datetime(2026, 10, 30, tzinfo=dt.UTC))
        harvest.quotes.append(FromSnapshot("0" * 24, quote()))
        harvest.not_offered.append(FromSnapshot("0" * 24, Inquiry(corridor=LANE, send_amount=1).not_offered("no")))
        for code in ("refused_record", "refused_record", "slow"):
            harvest.issues.append(Issue(level="error", code=code, source="acme", message="x"))
        assert (harvest.stored, harvest.refused) == (2, 2)

    def test_a_record_is_shown_exactly_and_cut(self) -> None:
        shown = record_text({"rate": Decimal("1.10"), "on": dt.date(2026, 10, 30), "name": "Ünï"})
        assert shown == '{"rate": "1.10", "on": "2026-10-30", "name": "Ünï"}'
        assert record_text("x" * 5000, limit=10) == '"xxxxxxxxx…'

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (errors.RemitwatchError("x"), 1), (errors.InputError("x"), 2), (errors.PartialError("x"), 3),
            (errors.BusyError("x"), 75), (errors.FetchError("slow", "x"), 1), (errors.StorageError("x"), 1),
        ],
    )  # fmt: skip
    def test_every_error_has_its_exit_code(self, error: errors.RemitwatchError, code: int) -> None:
        assert (error.exit_code, str(error)) == (code, "x")


DEFINITION = """
key = "acme"
name = "Acme"
kind = "quotes"
home = "https://acme.example"
method = "api"
hosts = ["acme.example"]
evidence = "documented"
basis = "standard"
[terms]
owner = "Acme"
licence = "CC BY 4.0"
attribution = "Acme"
terms_url = "https://acme.example/terms"
checked_on = 2026-11-20
robots_checked_on = 2026-11-20
verdict = "open"
redistribution = "full"
[schedule]
at = "06:10"
days = ["mon"]
[expect]
min_quotes = 2
"""


class TestDefinitions:
    def write(self, folder: Path, text: str, name: str = "quotes/acme.toml") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def test_a_source_is_unverified_until_a_live_answer_is_recorded(self, tmp_path: Path) -> None:
        assert not read_definition(self.write(tmp_path, DEFINITION)).verified
        recorded = DEFINITION.replace('"documented"', '"recorded"')
        assert read_definition(self.write(tmp_path, recorded)).verified

    @pytest.mark.parametrize(
        ("old", "new", "named"),
        [
            ('"mon"', "1", "schedule.days"),
            ('"06:10"', '"6:10"', "schedule.at"),
            ("min_quotes = 2", "min_quotes = 0", "expect.min_quotes"),
            ("min_quotes = 2", "min_quotes = 2\nminimum = 3", "expect.minimum"),
            ('verdict = "open"', 'verdict = "maybe"', "terms.verdict"),
            ('key = "acme"', 'key = "other"', "acme.toml"),
            ('hosts = ["acme.example"]', "", "hosts"),
            ('method = "api"', 'method = "file"', "hosts"),
            ('key = "acme"', "key = ", "not readable as TOML"),
        ],
    )
    def test_a_wrong_definition_is_refused_by_file_and_field(
        self, tmp_path: Path, old: str, new: str, named: str
    ) -> None:
        assert old in DEFINITION
        with pytest.raises(InputError, match=r"acme\.toml") as caught:
            read_definition(self.write(tmp_path, DEFINITION.replace(old, new)))
        assert named in str(caught.value)

    def test_it_stands_in_the_folder_of_its_kind(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="folder"):
            read_definition(self.write(tmp_path, DEFINITION, "rates/acme.toml"))
