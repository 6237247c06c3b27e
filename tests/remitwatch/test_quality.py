"""Quality: how runs are judged, what is stale, which prices stand out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from remitwatch import plausibility
from remitwatch.corridors import corridor
from remitwatch.quality import Finding, freshness, judge, judge_import
from remitwatch.quotes import Inquiry, Quote, SurveyRow
from remitwatch.rates import ReferenceRate
from remitwatch.runs import CollectionRun, FromSnapshot, Harvest, Issue, RunStatus
from remitwatch.services import Provider
from remitwatch.sources import Schedule, SourceDefinition

Rows = Callable[..., pd.DataFrame]
TODAY = dt.date(2026, 10, 30)  # a Friday
NOW = dt.datetime(2026, 10, 30, 6, tzinfo=dt.UTC)
ASKED = Inquiry(corridor=corridor("GBR-IND"), send_amount=120, tier=200)


def definition(**given: Any) -> SourceDefinition:
    plain: dict[str, Any] = {
        "key": "acme", "name": "Acme", "kind": "quotes", "home": "https://acme.example", "method": "api",
        "hosts": ("acme.example",), "evidence": "documented", "basis": "standard",
        "terms": {
            "owner": "Acme", "licence": "", "attribution": "Acme", "terms_url": "", "checked_on": TODAY,
            "robots_checked_on": None, "verdict": "open", "redistribution": "full",
        },
        "schedule": {"at": "06:10"}, "expect": {"min_quotes": 4, "max_quotes": 100, "answered": 0.8},
    }  # fmt: skip
    return SourceDefinition(**plain | given)


def price(**given: Any) -> Quote:
    plain: dict[str, Any] = {
        "provider": Provider(key="acme", name="Acme"), "basis": "standard", "payment_instrument": "cash",
        "access_point": "agent", "pickup_method": "cash", "fee": "1.90", "fee_model": "added", "rate": "100",
    }  # fmt: skip
    return ASKED.quote(**plain | given)


def harvest(quotes: int = 10, requests: int = 10, answered: int | None = None, **given: Any) -> Harvest:
    return Harvest(
        source="acme", started_at=NOW, requests=requests, answered=requests if answered is None else answered,
        quotes=[FromSnapshot("0" * 24, price()) for _ in range(quotes)], **given,
    )  # fmt: skip


def run(day: dt.date = TODAY, status: str = "ok", **given: Any) -> CollectionRun:
    plain: dict[str, Any] = {
        "id": 1, "source": "acme", "logical_date": day, "attempt": 1, "kind": "collect", "status": status,
        "reason": "", "accepted": status in ("ok", "partial"), "trial": False, "started_at": NOW, "finished_at": NOW,
        "requests": 10, "answered": 10, "quotes": 10, "not_offered": 0, "rates": 0, "benchmarks": 0, "flows": 0,
        "refused": 0, "duplicates": 0,
    }  # fmt: skip
    return CollectionRun(**plain | given)


def refusal(code: str = "refused_record") -> Issue:
    return Issue(level="error", code=code, source="acme", message="unknown category")


class TestJudge:
    def test_a_run_as_expected_is_ok(self) -> None:
        verdict = judge(harvest(), definition())
        assert (verdict.status, verdict.reason, verdict.issues) == (RunStatus.OK, "", ())

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"issues": [refusal()]}, "refused_record"),
            ({"failures": {"slow": 1, "blocked": 2}, "answered": 8, "issues": [refusal("slow")]}, "blocked"),
            ({"failures": {"slow": 1, "blocked": 1}, "answered": 8}, "blocked"),
        ],
    )
    def test_what_succeeded_is_kept_in_a_partial_run(self, given: dict[str, Any], reason: str) -> None:
        verdict = judge(harvest(**given), definition())
        assert (verdict.status, verdict.reason) == (RunStatus.PARTIAL, reason)

    @pytest.mark.parametrize(
        ("quotes", "answered", "status", "reason"),
        [
            (4, 10, RunStatus.OK, ""),
            (3, 10, RunStatus.HELD, "below_minimum"),
            (10, 8, RunStatus.OK, ""),
            (10, 7, RunStatus.HELD, "few_answers"),
            (3, 7, RunStatus.HELD, "below_minimum"),
        ],
    )
    def test_below_the_expectations_it_is_held(
        self, quotes: int, answered: int, status: RunStatus, reason: str
    ) -> None:
        verdict = judge(harvest(quotes, answered=answered), definition())
        assert (verdict.status, verdict.reason) == (status, reason)
        assert {issue.level for issue in verdict.issues} <= {"error"}
        assert all(issue.source == "acme" for issue in verdict.issues)

    def test_an_answered_share_is_exact(self) -> None:
        tenths = definition(expect={"min_quotes": 1, "answered": 0.7})
        assert judge(harvest(answered=7), tenths).status is RunStatus.OK

    def test_more_than_the_maximum_warns_and_stays_in_force(self) -> None:
        verdict = judge(harvest(101), definition())
        assert verdict.status is RunStatus.OK
        assert [(issue.code, issue.level) for issue in verdict.issues] == [("above_maximum", "warning")]

    @pytest.mark.parametrize(
        ("given", "status", "reason"),
        [
            ({"failures": {"unreachable": 10}, "answered": 0}, RunStatus.FAILED, "unreachable"),
            ({"failures": {"status": 3, "blocked": 7}, "answered": 0}, RunStatus.FAILED, "blocked"),
            ({"issues": [refusal()]}, RunStatus.FAILED, "refused_record"),
            ({"requests": 0}, RunStatus.FAILED, "nothing_asked"),
            ({}, RunStatus.EMPTY, "no_price"),
        ],
    )
    def test_nothing_is_not_success(self, given: dict[str, Any], status: RunStatus, reason: str) -> None:
        verdict = judge(harvest(0, **given), definition())
        assert (verdict.status, verdict.reason) == (status, reason)
        assert verdict.issues

    def test_answers_without_a_price_are_empty_unless_too_many_failed(self) -> None:
        no_price = [FromSnapshot("0" * 24, ASKED.not_offered("not served"))] * 8
        few = harvest(0, answered=8, not_offered=no_price, failures={"slow": 2})
        assert judge(few, definition()).status is RunStatus.EMPTY
        many = harvest(0, answered=7, not_offered=no_price[:7], failures={"slow": 3})
        assert (judge(many, definition()).status, judge(many, definition()).reason) == (RunStatus.FAILED, "slow")

    @pytest.mark.parametrize(("quotes", "status"), [(61, RunStatus.OK), (60, RunStatus.HELD)])
    def test_forty_per_cent_under_the_recent_median_is_held(self, quotes: int, status: RunStatus) -> None:
        recent = [run(quotes=number, attempt=at) for at, number in enumerate((100, 90, 1000), start=1)]
        verdict = judge(harvest(quotes), definition(), recent)
        assert (verdict.status, verdict.reason) == (status, "" if status is RunStatus.OK else "below_recent")

    def test_only_accepted_runs_tell_what_is_usual_and_two_are_too_few(self) -> None:
        held = [run(status="held", quotes=100, attempt=at) for at in (3, 4, 5)]
        trial = [run(trial=True, quotes=100, attempt=6)]
        two = [run(quotes=100, attempt=at) for at in (1, 2)]
        assert judge(harvest(), definition(), [*held, *trial, *two]).status is RunStatus.OK
        assert judge(harvest(), definition(), [*two, run(quotes=100, attempt=7)]).status is RunStatus.HELD

    def test_the_newest_seven_runs_count(self) -> None:
        old = [run(TODAY - dt.timedelta(days=20 + back), quotes=1000) for back in range(20)]
        new = [run(TODAY - dt.timedelta(days=back), quotes=10) for back in range(1, 8)]
        assert judge(harvest(), definition(), [*old, *new]).status is RunStatus.OK

    def test_a_run_over_fewer_corridors_is_compared_by_what_it_asked(self) -> None:
        recent = [run(quotes=100, requests=50, attempt=at) for at in (1, 2, 3)]
        assert judge(harvest(20, requests=10), definition(), recent).status is RunStatus.OK
        assert judge(harvest(12, requests=10), definition(), recent).status is RunStatus.HELD

    def test_spans_of_rates_differ_so_only_the_minimum_counts(self) -> None:
        ecb = definition(kind="rates", basis=None, expect={"min_quotes": 25})
        recent = [run(rates=1800, requests=1, attempt=at) for at in (1, 2, 3)]
        one = ReferenceRate(base="EUR", quote="USD", date=TODAY, rate="1.16")
        day = harvest(0, requests=1, rates=[FromSnapshot("0" * 24, one)] * 30)
        assert judge(day, ecb, recent).status is RunStatus.OK
        day.rates = day.rates[:20]
        assert judge(day, ecb, recent).reason == "below_minimum"

    @pytest.mark.parametrize(("off", "status"), [(1, RunStatus.OK), (2, RunStatus.HELD)])
    def test_a_survey_whose_columns_do_not_add_up_is_held(self, off: int, status: RunStatus) -> None:
        """Over 1 % of rows; both amounts of one row are one row, and undisclosed rows are not judged."""
        found = harvest(0, requests=1)
        for number in range(100):
            for _ in range(2):
                found.quotes.append(FromSnapshot("0" * 24, survey_price(number, "7.00" if number < off else "3.58")))
        for number in range(100, 200):
            found.quotes.append(FromSnapshot("0" * 24, survey_price(number, "9", rate=None, transparent=False)))
        survey = definition(kind="surveys", basis="survey", method="file", hosts=(), expect={"min_quotes": 1})
        verdict = judge_import(found, survey)
        assert (verdict.status, verdict.reason) == (status, "" if status is RunStatus.OK else "identity_off")


def survey_price(number: int, total: str, **given: Any) -> Quote:
    row = SurveyRow(
        period="2025-Q3", row=str(number), fx_margin_pct="2", total_cost_pct=total, interbank_rate="102",
        observed_on=None, sender_region=None, receiver_region=None, receiver_income_group=None, labels={},
    )  # fmt: skip
    return price(basis="survey", survey=row, **given)


def codes(runs: list[CollectionRun], source: SourceDefinition | None = None, today: dt.date = TODAY) -> list[str]:
    return [finding.code for finding in freshness([source or definition()], runs, today)]


def days_ago(number: int, status: str = "ok", **given: Any) -> CollectionRun:
    return run(TODAY - dt.timedelta(days=number), status, **given)


class TestFreshness:
    def test_all_is_well(self) -> None:
        assert codes([days_ago(0), days_ago(1)]) == []

    def test_an_old_accepted_run_is_stale_in_the_sources_own_cadence(self) -> None:
        assert codes([days_ago(2)]) == []
        assert codes([days_ago(3)]) == ["stale"]
        weekly = definition(schedule={"at": "06:10", "days": ["mon"], "cadence_days": 7})
        assert codes([days_ago(14)], weekly) == []
        assert codes([days_ago(18)], weekly) == ["stale"]  # since Monday 12 October two Mondays have passed

    def test_weekends_do_not_make_a_weekday_source_stale(self) -> None:
        weekdays = definition(schedule={"at": "16:30", "days": ["mon", "tue", "wed", "thu", "fri"]})
        monday = dt.date(2026, 11, 2)
        assert codes([days_ago(0)], weekdays, monday) == []
        assert codes([days_ago(0)], weekdays, monday + dt.timedelta(days=1)) == []
        assert codes([days_ago(0)], weekdays, monday + dt.timedelta(days=2)) == ["stale"]

    def test_a_held_run_is_named_until_somebody_looks(self) -> None:
        held = days_ago(0, "held", reason="below_minimum", id=17)
        found = freshness([definition()], [held, days_ago(1)], TODAY)
        assert [one.code for one in found] == ["held"]
        assert "run 17" in found[0].message
        assert "below_minimum" in found[0].message
        assert codes([held.model_copy(update={"accepted": True}), days_ago(1)]) == []

    def test_two_runs_that_brought_nothing_are_failing(self) -> None:
        assert codes([days_ago(0, "failed"), days_ago(1)]) == []
        assert codes([days_ago(0, "failed"), days_ago(1, "empty"), days_ago(2)]) == ["failing"]
        assert codes([days_ago(0, "missed"), days_ago(1, "failed"), days_ago(3)]) == ["failing", "stale"]

    def test_attempts_of_one_day_are_in_order(self) -> None:
        assert codes([days_ago(0, attempt=3), days_ago(0, "failed"), days_ago(0, "failed", attempt=2)]) == []

    def test_never_accepted(self) -> None:
        assert codes([days_ago(0, "failed")]) == ["never"]
        assert codes([]) == []

    def test_a_verified_source_that_was_never_asked_is_named_when_a_scheduled_day_has_passed(self) -> None:
        def verified(back: int, **given: Any) -> list[str]:
            days = {"acme": TODAY - dt.timedelta(days=back), "other": TODAY - dt.timedelta(days=9)}
            return [one.code for one in freshness([definition(**given)], [], TODAY, days)]

        assert [verified(back) for back in (0, 1, 2)] == [[], [], ["never"]]
        assert verified(5, schedule={"at": "15:30", "days": ["fri"]}) == []  # it is Friday, and not over
        assert verified(8, schedule={"at": "15:30", "days": ["thu"]}) == ["never"]
        assert verified(9, method="file", hosts=(), schedule=None) == []

    def test_trials_running_and_future_runs_do_not_count(self) -> None:
        odd = [days_ago(0, trial=True), days_ago(0, "running"), days_ago(-3)]
        assert codes([*odd, days_ago(4)]) == ["stale"]

    def test_a_run_of_which_a_part_is_missing_is_told_until_the_next_whole_one(self) -> None:
        assert codes([days_ago(0, "partial", reason="refused"), days_ago(1)]) == ["partial"]
        assert codes([days_ago(0), days_ago(1, "partial")]) == []

    def test_files_come_when_they_come(self) -> None:
        file = definition(method="file", hosts=(), schedule=None)
        assert codes([days_ago(400)], file) == []
        assert codes([days_ago(0, "held", kind="import"), days_ago(400)], file) == ["held"]

    def test_findings_name_their_source_in_order(self) -> None:
        sources = {key: definition(key=key) for key in ("zeta", "alpha")}
        runs = [days_ago(9, source=key) for key in sources]
        found = freshness(sources, runs, TODAY)
        assert [(one.source, one.age_days, one.last_ok) for one in found] == [
            ("alpha", 9, dt.date(2026, 10, 21)), ("zeta", 9, dt.date(2026, 10, 21)),
        ]  # fmt: skip
        assert found[0].as_json()["last_ok"] == "2026-10-21"


def findings(frame: pd.DataFrame) -> list[tuple[str, int | None]]:
    return [(one.code, one.quote_id) for one in plausibility.find(frame, today=TODAY)]


class TestPlausibility:
    def market(self, rows: Rows, *more: dict[str, Any], services: int = 6) -> pd.DataFrame:
        plain = [{"total": 4.0 + 0.5 * number} for number in range(services)]
        return rows(*plain, *more, basis="standard", day=TODAY)

    def test_a_price_far_from_its_corridors_median_is_named(self, rows: Rows) -> None:
        assert findings(self.market(rows)) == []
        assert findings(self.market(rows, {"total": 30.0})) == [("outlier", 7)]
        assert findings(self.market(rows, {"total": -20.0})) == [("outlier", 7)]

    def test_few_services_are_not_compared(self, rows: Rows) -> None:
        assert findings(self.market(rows, {"total": 30.0}, services=4)) == []

    def test_bases_amounts_and_corridors_are_not_compared(self, rows: Rows) -> None:
        others = [{"basis": "promotional"}, {"tier": 500}, {"corridor": "USA-MEX"}, {"basis": "estimate"}]
        assert findings(self.market(rows, *({"total": 30.0, **other} for other in others))) == []

    def test_cents_apart_are_no_outlier_where_most_cost_the_same(self, rows: Rows) -> None:
        same = [{"total": 4.0} for _ in range(8)]
        assert findings(rows(*same, {"total": 4.4}, basis="standard", day=TODAY)) == []
        assert findings(rows(*same, {"total": 4.6}, basis="standard", day=TODAY)) == [("outlier", 9)]

    def test_a_jump_against_the_quote_before(self, rows: Rows) -> None:
        def moved(to: float, back: int = 0, **given: Any) -> list[tuple[str, int | None]]:
            days = [{"total": 3.0, "day": TODAY - dt.timedelta(days=back + 3)}, {"total": to, **given}]
            day = TODAY - dt.timedelta(days=back)
            return findings(rows(*days, basis="standard", provider="a", day=day))

        assert moved(8.0) == []
        assert moved(8.01) == [("jump", 2)]
        assert moved(-2.01) == [("jump", 2)]
        assert moved(9.0, back=7) == []
        assert moved(9.0, tier=500) == []
        assert moved(9.0, provider="b") == []

    def test_a_provider_that_its_source_no_longer_names(self, rows: Rows) -> None:
        def gone(*, other_day: int, **given: Any) -> list[str]:
            left = {"provider": "left", "day": TODAY - dt.timedelta(days=14), **given}
            stayed = {"provider": "stayed", "day": TODAY - dt.timedelta(days=other_day)}
            return [one.message for one in plausibility.find(rows(left, stayed, basis="standard"), today=TODAY)]

        assert gone(other_day=0) == ["left gone from GBR-IND (standard): last on 2026-10-16"]
        assert gone(other_day=1) == []
        assert gone(other_day=0, source="silent") == []

    def test_survey_rows_are_named_by_corridor_and_doubles_by_period(self, rows: Rows) -> None:
        plain = [{"total": 4.0 + 0.5 * number} for number in range(6)]
        double = {"total": 30.0, "provider": "a"}
        found = plausibility.find(rows(*plain, double, double), today=TODAY)
        assert [(one.code, one.message) for one in found] == [
            ("outlier", "GBR-IND 2025-Q3 (survey, 200): 2 services are far from the others' cost"),
            ("duplicate_rows", "survey 2025-Q3: 1 rows are equal to another but for their id; each counts"),
        ]

    def test_messages_stay_the_same_from_day_to_day(self, rows: Rows) -> None:
        def outlier(day: dt.date, total: float) -> list[Finding]:
            plain = [{"total": 4.0 + 0.5 * number} for number in range(6)]
            return plausibility.find(rows(*plain, {"total": total}, basis="standard", day=day), today=day)

        first, second = outlier(TODAY, 30.0), outlier(TODAY + dt.timedelta(days=1), 30.2)
        assert [one.message for one in first] == [one.message for one in second]

    def test_nothing_to_look_at(self, rows: Rows) -> None:
        assert findings(rows({}).iloc[:0]) == []
        assert findings(rows({"total": None}, {"total": None}, basis="standard", day=TODAY)) == []
        assert findings(self.market(rows, {"total": 30.0, "day": TODAY + dt.timedelta(days=1)})) == []


def test_days_of_the_month_stand_in_place_of_days_of_the_week() -> None:
    twice = Schedule(at="05:40", days=("mon",), month_days=(4, 18), cadence_days=16)
    november = [dt.date(2026, 11, day) for day in range(1, 31)]
    assert [day.day for day in november if twice.falls_on(day)] == [4, 18]
    assert [day.day for day in november if Schedule(at="05:40", days=("mon",)).falls_on(day)] == [2, 9, 16, 23, 30]
    with pytest.raises(ValueError, match="less than or equal to 28"):
        Schedule(at="05:40", month_days=(31,))
