"""Marks: what a collected price's reference rate, own past and neighbours say of it (METHODOLOGY section 9).

Every mark is a flag on the quote's observation. The rules are data (reference/plausibility.toml): some are only shown,
some put the price in quarantine: stored, shown with its reason, out of every figure. It leaves quarantine when its
service's next price confirms it, where the rule says so, or when a person releases it; a rejected one stays in. Nothing
is changed, clamped or deleted, and survey rows are never judged.

Marks are derived: computed anew from the same prices and decisions they come out the same, in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from remitwatch.fields import Value
from remitwatch.quotes import Basis
from remitwatch.reference import read_toml

QUARANTINED, CONFIRMED, RELEASED, REJECTED = "quarantined", "confirmed", "released", "rejected"
FEWEST_SERVICES = 6
SMALLEST_MAD = 0.1  # percentage points: where most services cost the same, a cent's difference is no outlier
SERVICE = ["service", "tier", "basis", "source"]
"""What has a past: one service at one amount, as one source states it."""
MARKET = ["basis", "tier", "corridor", "day"]
"""Whose costs are compared with each other."""

_E8 = 1e8
_POWERS = (-3, -2, -1, 1, 2, 3)
_PAIRED = ["source", "run_id", "sender", "send_currency", "provider"]

if TYPE_CHECKING:  # those who only decide or explain do without
    import pandas as pd

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Action = Literal["show", "quarantine"]


class Rule(Value):
    """One rule: its limit, what is done, and its words (`its rate ...`). `confirmed` is None where a next price that
    costs the same proves nothing."""

    limit: float = 0.0
    others: float = 0.0
    points: float = 0.0
    action: Action
    parallel: Action
    confirmed: Action | None = None
    words: str


@dataclass(frozen=True)
class Decision:
    """What a person decided of a quote: released (True) or rejected."""

    quote_id: int
    released: bool


@cache
def rules() -> dict[str, Rule]:
    """Every rule by the name of its flag."""
    return {name: Rule(**entry) for name, entry in read_toml("plausibility.toml")["rule"].items()}


@cache
def _within(name: Literal["confirmed_within", "released_within"]) -> float:
    return float(read_toml("plausibility.toml")[name])


def own_flags() -> frozenset[str]:
    """The flags that are set here alone; `inverted_rate` is told when a quote is priced."""
    return frozenset({*rules(), QUARANTINED, CONFIRMED, RELEASED, REJECTED} - {"inverted_rate"})


def reasons(flags: Iterable[str]) -> list[str]:
    """The words of the rules among some flags, those that quarantine first."""
    found = [rule for name, rule in rules().items() if name in set(flags)]
    return [rule.words for rule in sorted(found, key=lambda rule: rule.action == "show")]


def mark(frame: pd.DataFrame, decisions: Iterable[Decision] = ()) -> pd.Series:
    """The flags of every collected quote of an observation frame, joined by `+`, by quote number.

    `frame` has the columns of db.queries.observations and holds, for each service, the price before the first and after
    the last that matter. `decisions`: the newest one of a quote counts. Rows of the survey are left out.
    """
    import pandas as pd

    rows = frame[frame["basis"] != Basis.SURVEY.value]
    rows = rows.sort_values([*SERVICE, "day", "quote_id"], kind="stable").reset_index(drop=True)
    base, kinds = pd.factorize(rows["flags"].astype(str))
    if not len(rows):
        return pd.Series([], index=pd.Index([], dtype=np.int64), dtype="str")
    history = _History(rows)
    found = _findings(rows, history, _has(base, kinds, "inverted_rate"))
    parallel = _has(base, kinds, "parallel_rate")
    confirmed = history.confirmed(_within("confirmed_within"))
    held = np.zeros(len(rows), dtype=bool)
    waits = np.zeros(len(rows), dtype=bool)
    for name, where in found.items():
        rule = rules()[name]
        kept = where & np.where(parallel, rule.parallel == "quarantine", rule.action == "quarantine")
        spared = kept & confirmed & (rule.confirmed == "show")
        waits |= spared
        held |= kept & ~spared
    released, rejected = _decided(rows, held, decisions)
    effects = {
        CONFIRMED: waits & ~held,
        RELEASED: held & released,
        REJECTED: rejected,
        QUARANTINED: (held & ~released) | rejected,
    }
    return pd.Series(_texts(base, kinds, found | effects), index=rows["quote_id"].to_numpy(dtype=np.int64))


class _History:
    """The price before and after each one of the same service; NaN where there is none. Rows are in that order."""

    def __init__(self, rows: pd.DataFrame) -> None:
        same = np.ones(len(rows), dtype=bool)
        same[0] = False
        for name in SERVICE:
            same[1:] &= (rows[name] == rows[name].shift()).to_numpy(dtype=bool)[1:]
        self._same = same
        self.total = rows["total_e8"].to_numpy(dtype=np.float64) / _E8

    def earlier(self, values: Floats) -> Floats:
        """The value of the price before."""
        found = np.full(len(values), np.nan)
        found[1:] = np.where(self._same[1:], values[:-1], np.nan)
        return found

    def confirmed(self, within: float) -> Flags:
        """Whether the next price of the service costs as much."""
        after = np.full(len(self.total), np.nan)
        after[:-1] = np.where(self._same[1:], self.total[1:], np.nan)
        found: Flags = np.abs(after - self.total) <= within
        return found


def _findings(rows: pd.DataFrame, history: _History, inverted: Flags) -> dict[str, Flags]:
    rate, mid, fee = (
        rows["rate"].to_numpy(dtype=np.float64),
        rows["reference_rate"].to_numpy(dtype=np.float64),
        rows["fee_e8"].to_numpy(dtype=np.float64) / _E8,
    )
    exchanged = (rows["send_currency"] != rows["receive_currency"]).to_numpy(dtype=bool)
    of = rules()
    with np.errstate(divide="ignore", invalid="ignore"):
        far = exchanged & (np.abs(1 - rate / mid) * 100 > of["rate_far_from_mid"].limit)
        slipped = exchanged & _near_a_power(rate / mid, of["rate_far_from_mid"].limit / 2)
        last_fee = history.earlier(fee)
        slipped |= _near_a_power(fee / last_fee, of["decimal_slip"].limit) & (
            np.abs(fee - last_fee) > of["decimal_slip"].points
        )
        swapped = exchanged & (fee > of["swapped_currencies"].limit) & (fee / mid <= of["swapped_currencies"].others)
        moved = np.abs(rate / history.earlier(rate) - 1) * 100 > of["neighbour_rate"].limit
    jumped = np.abs(history.total - history.earlier(history.total)) > of["jump"].limit
    deviations = deviations_from_median(rows, MARKET)
    lasting = (rows["basis"] != Basis.PROMOTIONAL.value).to_numpy(dtype=bool)  # a promotion is meant to stand out
    return {
        "rate_far_from_mid": far,
        "inverted_rate": inverted,
        "swapped_currencies": swapped,
        "decimal_slip": slipped,
        "neighbour_rate": exchanged & moved & _shares_its_rate(rows),
        "spike": lasting & jumped & (deviations > of["spike"].limit),
        "jump": jumped,
        "outlier": lasting & (deviations > of["outlier"].limit),
    }


def _near_a_power(factor: Floats, limit: float) -> Flags:
    """Whether a factor is within `limit` per cent of 10, 100, 1000 or their inverses."""
    found = np.zeros(len(factor), dtype=bool)
    for power in _POWERS:
        found |= np.abs(factor / 10.0**power - 1) * 100 <= limit
    return found


def _shares_its_rate(rows: pd.DataFrame) -> Flags:
    """Whether the same provider's answers of the same run state the very same rate for another currency."""
    priced = rows[rows["rate"].notna() & (rows["rate"] != 1)]
    groups = priced.groupby([*(priced[name] for name in _PAIRED), priced["rate"]], observed=True, sort=False)
    shared = groups["receive_currency"].transform("nunique") > 1
    found = np.zeros(len(rows), dtype=bool)
    found[shared[shared].index.to_numpy(dtype=np.int64)] = True
    return found


def deviations_from_median(rows: pd.DataFrame, groups: list[str]) -> Floats:
    """How many median absolute deviations each total cost is from the median of its group; NaN in groups of under six
    services and where there is no cost."""
    cost = rows["total_e8"] / _E8
    group = rows.groupby(groups, observed=True, sort=False).ngroup()
    median = cost.groupby(group).transform("median")
    apart = (cost - median).abs()
    mad = apart.groupby(group).transform("median").clip(lower=SMALLEST_MAD)
    services = cost.groupby(group).transform("count")
    found: Floats = np.where(services >= FEWEST_SERVICES, apart / mad, np.nan)
    return found


def _decided(rows: pd.DataFrame, held: Flags, decisions: Iterable[Decision]) -> tuple[Flags, Flags]:
    """Which quotes are released and which rejected. A release also holds for the later prices of the service that cost
    as much, so that a dear service is looked at once."""
    by_quote: Mapping[int, bool] = {one.quote_id: one.released for one in decisions}
    released, rejected = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    if not by_quote:
        return released, rejected
    decided = rows["quote_id"].map(by_quote)
    released = (decided == True).to_numpy(dtype=bool)  # noqa: E712 - a column with holes
    rejected = (decided == False).to_numpy(dtype=bool)  # noqa: E712
    total = rows["total_e8"] / _E8
    good = total.where(released).groupby([rows[name] for name in SERVICE], observed=True).ffill()
    carried = (good - total).abs() <= _within("released_within")
    return released | (carried.to_numpy(dtype=bool) & held & ~rejected), rejected


def _has(base: NDArray[np.intp], kinds: pd.Index, flag: str) -> Flags:
    of_kind = np.array([flag in str(kind).split("+") for kind in kinds], dtype=bool)
    found: Flags = of_kind[base]
    return found


def _texts(base: NDArray[np.intp], kinds: pd.Index, marks: Mapping[str, Flags]) -> list[str]:
    """The flags of each row: those it had of others, and the marks, in the order of the alphabet."""
    own = own_flags()
    bits = np.zeros(len(base), dtype=np.int64)
    for place, where in enumerate(marks.values()):
        bits |= where.astype(np.int64) << place
    pairs, number = np.unique(base.astype(np.int64) << len(marks) | bits, return_inverse=True)
    texts = []
    for pair in pairs.tolist():
        had = {flag for flag in str(kinds[pair >> len(marks)]).split("+") if flag} - own
        has = {name for place, name in enumerate(marks) if pair >> place & 1}
        texts.append("+".join(sorted(had | has)))
    return [texts[at] for at in number.tolist()]
