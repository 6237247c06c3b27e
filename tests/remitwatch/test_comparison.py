"""Ours against theirs: the verdict, and of every rule figures that it explains and no other does."""

import datetime as dt
import itertools
import random
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.comparison import RULES, SERIES, Compared, Published, compare
from remitwatch.indicators import Observations
from remitwatch.quotes import Basis

AS_OF = dt.datetime(2026, 11, 21, 6, tzinfo=dt.UTC)
CORRIDORS = ("GBR-KEN", "USA-KEN", "RUS-KEN", "GBR-UGA")
QUARTERS = ("2018-Q1", "2018-Q2", "2018-Q3", "2018-Q4")


def survey_rows(seed: int) -> list[dict[str, Any]]:
    """Rows of a year: every corridor, quarter and amount has services of its own, some without a disclosed rate."""
    draw, rows = random.Random(seed), []
    for corridor, quarter, tier in itertools.product(CORRIDORS, QUARTERS, (200, 500)):
        for number in range(draw.randint(4, 9)):
            common = {"corridor": corridor, "survey_period": quarter, "tier": tier, "provider": f"firm_{number % 3}"}
            rows.append(common | {"total": draw.randint(-200, 2000) / 100})
        for number in range(2):  # the fee alone would be 33.333...: the file shows two decimals
            rows.append(common | {"provider": f"dark_{number}", "total": None, "fee_pct": 1 + number / 3})
    return [row | {"survey_row": str(number)} for number, row in enumerate(rows)]


class Oracle:
    """The same figures computed the slow way, rule by rule."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def costs(self, scope: str, subject: str, quarters: Iterable[str], **how: Any) -> list[tuple[str, str, Fraction]]:
        """Corridor, provider and cost of the services of a figure."""
        found = []
        for row in self.rows:
            sender, receiver = row["corridor"].split("-")
            named = {"world": "world", "sender": sender, "receiver": receiver, "corridor": row["corridor"]}[scope]
            if named != subject or row["survey_period"] not in quarters or row["tier"] != how.get("tier", 200):
                continue
            if sender == "RUS" and not how.get("russia", scope != "world"):
                continue
            if row["total"] is not None:
                found.append((row["corridor"], row["provider"], Fraction(str(row["total"]))))
            elif how.get("undisclosed"):
                fee = Decimal(row["fee_pct"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
                found.append((row["corridor"], row["provider"], Fraction(fee)))
        return found

    def mean(self, scope: str, subject: str, quarters: Iterable[str] = ("2018-Q3",), **how: Any) -> Fraction:
        costs = [cost for _, _, cost in self.costs(scope, subject, quarters, **how)]
        return sum(costs, Fraction()) / len(costs)

    def corridor_means(self, scope: str, subject: str) -> Fraction:
        costs = self.costs(scope, subject, ("2018-Q3",))
        corridors = sorted({corridor for corridor, _, _ in costs})
        means = [self.mean("corridor", corridor) for corridor in corridors]
        return sum(means, Fraction()) / len(means)

    def averages(self, scope: str, subject: str) -> dict[str, Fraction]:
        """What a yearly average would be under each rule; '' for the rule in force."""
        found = {
            "": self.mean(scope, subject),
            "undisclosed_included": self.mean(scope, subject, undisclosed=True),
            "first_quarter": self.mean(scope, subject, ("2018-Q1",)),
            "second_quarter": self.mean(scope, subject, ("2018-Q2",)),
            "fourth_quarter": self.mean(scope, subject, ("2018-Q4",)),
            "year_pooled": self.mean(scope, subject, QUARTERS),
            "quarters_mean": sum((self.mean(scope, subject, (one,)) for one in QUARTERS), Fraction()) / 4,
            "amount_500": self.mean(scope, subject, tier=500),
        }
        if scope == "world":
            found["russia_included"] = self.mean(scope, subject, russia=True)
        if scope == "receiver":
            found["russia_excluded"] = self.mean(scope, subject, russia=False)
        if scope != "corridor":
            found["corridor_means"] = self.corridor_means(scope, subject)
        return found

    def smart(self, corridor: str, quarter: str = "2018-Q3", *, one_per_provider: bool = False, **how: Any) -> Fraction:
        costs = sorted((cost, provider) for _, provider, cost in self.costs("corridor", corridor, (quarter,), **how))
        if one_per_provider:
            costs = [
                min(some) for _, some in itertools.groupby(sorted(costs, key=lambda one: one[1]), lambda one: one[1])
            ]
        cheapest = [cost for cost, _ in sorted(costs)[:3]]
        return sum(cheapest, Fraction()) / len(cheapest)

    def smarts(self, corridor: str) -> dict[str, Fraction]:
        return {
            "": self.smart(corridor),
            "undisclosed_included": self.smart(corridor, undisclosed=True),
            "one_per_provider": self.smart(corridor, one_per_provider=True),
            "first_quarter": self.smart(corridor, "2018-Q1"),
            "second_quarter": self.smart(corridor, "2018-Q2"),
            "fourth_quarter": self.smart(corridor, "2018-Q4"),
            "quarters_mean": sum((self.smart(corridor, one) for one in QUARTERS), Fraction()) / 4,
            "amount_500": self.smart(corridor, tier=500),
        }


def hundredths(value: Fraction) -> Decimal:
    """Rounded half away from zero, exactly."""
    whole = abs(value) * 100 + Fraction(1, 2)
    return Decimal(int(whole) if value >= 0 else -int(whole)) / 100


def published(series: str, scope: str, subject: str, value: Any, period: str = "2018") -> Published:
    sender, _, receiver = subject.partition("-") if scope == "corridor" else ("", "", "")
    sender, receiver = (subject if scope == "sender" else sender), (subject if scope == "receiver" else receiver)
    return Published(series, "someone", scope, sender or None, receiver or None, period, Decimal(value))  # type: ignore[arg-type]


@pytest.fixture
def of(rows: Any) -> Any:
    """Published figures beside those of survey rows."""

    def compared(made: list[dict[str, Any]], *figures: Published, **choice: Any) -> list[Compared]:
        found, _ = compare(figures, Observations(rows(*made)), as_of=AS_OF, **choice)
        return found

    return compared


SCOPES = (
    ("SI.RMT.COST.IB.ZS", "world", "world"),
    ("SI_RMT_COST", "world", "world"),
    ("SI.RMT.COST.IB.ZS", "receiver", "KEN"),
    ("SI_RMT_COST", "receiver", "KEN"),
    ("SI.RMT.COST.OB.ZS", "sender", "GBR"),
    ("SI_RMT_COST_SND", "sender", "GBR"),
    ("SI_RMT_COST_BC", "corridor", "GBR-KEN"),
    ("SI_RMT_COST_SC", "corridor", "GBR-KEN"),
)


@pytest.mark.parametrize(("series", "scope", "subject"), SCOPES)
def test_every_rule_explains_the_figure_that_it_gives_and_no_other_does(
    of: Any, series: str, scope: str, subject: str
) -> None:
    explained = set()
    for seed in range(6):
        made = survey_rows(seed)
        oracle = Oracle(made)
        values = oracle.smarts(subject) if SERIES[series] == "smart" else oracle.averages(scope, subject)
        shown = {rule: hundredths(value) for rule, value in values.items()}
        figures = [published(series, scope, subject, value) for value in shown.values()]
        for rule, one in zip(shown, of(made, *figures), strict=True):
            assert one.ours is not None
            assert one.ours.value == pytest.approx(Decimal(values[""].numerator) / values[""].denominator)
            alike = [other for other in RULES if shown.get(other) == shown[rule]]
            if shown[rule] == shown[""]:
                assert (one.verdict, one.explained_by) == ("equal", ())
            else:
                assert one.verdict == ("within" if abs(one.difference or 0) <= Decimal("0.05") else "apart")
                assert one.explained_by == tuple(alike)
                if len(alike) == 1:
                    explained.add(rule)
    assert explained == set(values) - {""}, "of each rule a figure that it alone explains"


def test_the_quarterly_corridor_series_knows_no_rule_of_years(of: Any) -> None:
    made = survey_rows(1)
    oracle = Oracle(made)
    for quarter in QUARTERS:
        values = {
            "": oracle.mean("corridor", "GBR-KEN", (quarter,)),
            "undisclosed_included": oracle.mean("corridor", "GBR-KEN", (quarter,), undisclosed=True),
            "amount_500": oracle.mean("corridor", "GBR-KEN", (quarter,), tier=500),
        }
        assert len({hundredths(value) for value in values.values()}) == 3
        figures = [
            published("ATCR.CORR", "corridor", "GBR-KEN", hundredths(value), quarter) for value in values.values()
        ]
        equal, undisclosed, amount = of(made, *figures)
        assert (equal.verdict, equal.explained_by) == ("equal", ())
        assert undisclosed.explained_by == ("undisclosed_included",)
        assert amount.explained_by == ("amount_500",)
        (other,) = of(made, figures[2], amount=500)
        assert (other.verdict, other.amount) == ("equal", 500)
        (back,) = of(made, figures[0], amount=500)
        assert back.explained_by == ("amount_200",)
    (pooled,) = of(made, published("ATCR.CORR", "corridor", "GBR-KEN", "99.99", "2018-Q3"))
    assert (pooled.verdict, pooled.explained_by) == ("apart", ("unexplained",))


@pytest.mark.parametrize(
    ("total", "value", "verdict", "difference"),
    [
        (5, "5.00", "equal", "0.0000"),
        (5, "5.004999", "equal", "-0.0050"),
        (5, "5.005", "within", "-0.0050"),  # half-up: 5.01
        (5, "4.995", "equal", "0.0050"),
        (5, "4.9949", "within", "0.0051"),
        (5, "5.05", "within", "-0.0500"),
        (5, "5.0500001", "apart", "-0.0500"),
        (-0.1, "-0.10", "equal", "0.0000"),
        (7.095, "7.0949997901917", "equal", "0.0000"),  # single precision: 7.095 was meant
        (7.095, "7.0949", "within", "0.0001"),
        (23.6175, "23.6175003051758", "equal", "0.0000"),
    ],
)
def test_verdicts_are_of_exact_values_rounded_once(
    of: Any, total: float, value: str, verdict: str, difference: str
) -> None:
    (one,) = of(
        [{"total": total, "survey_period": "2018-Q3"}], published("ATCR.CORR", "corridor", "GBR-IND", value, "2018-Q3")
    )
    row = one.as_json()
    assert (row["published"], row["verdict"], row["difference"]) == (value, verdict, difference)


def test_a_missing_figure_of_ours_is_said_and_never_0(of: Any, rows: Any) -> None:
    made = [
        {"corridor": "GBR-IND", "total": None, "fee_pct": 3.0, "survey_period": "2018-Q3"},
        {"corridor": "GBR-KEN", "total": 4.0, "survey_period": "2018-Q3"},
        {"corridor": "GBR-UGA", "total": 4.0, "survey_period": "2018-Q3"},
        {"corridor": "GBR-NGA", "total": 4.0, "survey_period": "2018-Q1"},
    ]
    figures = [
        published("ATCR.CORR", "corridor", "GBR-IND", 3, "2018-Q3"),
        published("ATCR.CORR", "corridor", "GBR-NGA", 4, "2018-Q3"),
        published("ATCR.CORR", "corridor", "GBR-KEN", 4, "2018-Q3"),
        published("NY.GDP.MKTP.CD", "receiver", "KEN", 4),
    ]
    hidden, absent, equal = of(made, *figures)
    assert [one.verdict for one in (hidden, absent, equal)] == ["no_figure", "no_figure", "equal"]
    assert [one.explained_by for one in (hidden, absent)] == [(), ()]
    row = hidden.as_json()
    assert (row["ours"], row["difference"], row["services"]) == (None, None, 0)
    assert row["flags"] == ["no_disclosed_service", "undisclosed_excluded"]
    row = absent.as_json()
    assert (row["ours"], row["difference"], row["services"], row["flags"], row["id"]) == (
        None, None, 0, ["no_observations"], None,
    )  # fmt: skip
    _, (summary,) = compare(figures, Observations(rows(*made)), as_of=AS_OF)
    assert summary.as_json() == {
        "series": "ATCR.CORR", "source": "someone", "indicator": "average_total_cost", "amount": 200, "basis": "survey",
        "compared": 1, "equal": 1, "within": 0, "apart": 0, "explained": {}, "unexplained": 0, "ours_missing": 2,
        "theirs_missing": 1,
    }  # fmt: skip


def test_collected_figures_take_the_third_quarter_of_a_year_too(of: Any) -> None:
    made = [
        {"basis": "standard", "total": 4.0, "day": dt.date(2025, 8, 1), "provider": "one"},
        {"basis": "standard", "total": 6.0, "day": dt.date(2025, 2, 1), "provider": "one"},
        {"basis": "survey", "total": 9.0, "survey_period": "2025-Q3"},
    ]
    figures = [published("SI_RMT_COST_BC", "corridor", "GBR-IND", value, "2025") for value in ("4.00", "6.00", "5.00")]
    third, first, mean = of(made, *figures, basis=Basis.STANDARD)
    assert (third.verdict, third.ours.period) == ("equal", "2025-Q3")
    assert first.explained_by == ("first_quarter",)
    assert mean.explained_by == ("year_pooled", "quarters_mean")


@settings(max_examples=10, deadline=None)
@given(order=st.randoms(use_true_random=False), seed=st.integers(0, 3))
def test_the_order_of_rows_and_figures_changes_nothing(order: random.Random, seed: int) -> None:
    from tests.remitwatch.conftest import observation_rows

    made = [row | {"service": f"s{number}", "quote_id": number} for number, row in enumerate(survey_rows(seed))]
    figures = [
        published(series, scope, subject, value) for series, scope, subject in SCOPES for value in ("5.01", "9.5")
    ]

    def result(rows: pd.DataFrame, some: list[Published]) -> dict[Published, Compared]:
        found, _ = compare(some, Observations(rows), as_of=AS_OF)
        return dict(zip(some, found, strict=True))

    first = result(observation_rows(*made), figures)
    mixed, shuffled = list(made), list(figures)
    order.shuffle(mixed)
    order.shuffle(shuffled)
    assert result(observation_rows(*mixed), shuffled) == first
