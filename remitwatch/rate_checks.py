"""Plausibility of reference rates: sources held against each other, against pegs, and against their own yesterday.

Nothing is dropped or changed: a person looks. A rate that is found inverted or mixed up with its neighbour is told
once, as that, and not again as being apart from the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from remitwatch.costs import parallel_rate
from remitwatch.pegs import PEG, Peg
from remitwatch.quality import Finding
from remitwatch.ratebook import RateRow

APART = 0.01
"""Two sources may differ by this share, beside what the rounding of both can make."""
INVERTED = float(np.log(1.15))  # below this a pair near parity looks inverted when it is only far off (RELIABILITY 38)
JUMP = 1.2
RECENT_DAYS = 7
"""How many days back rates are told of."""
_KEY = ["date", "currency"]


def find(
    rows: Iterable[RateRow],
    today: dt.date,
    *,
    pegs: Iterable[Peg] = (),
    max_age: Mapping[str, int] | None = None,
    days: int = RECENT_DAYS,
) -> list[Finding]:
    """What stands out in reference rates as published, of the last `days` days; earlier rows serve as the yesterday.

    All rates are compared as units of a currency for 1 US dollar, each source crossed with its own dollar of the same
    date. `rates_apart`: of one pair and date two sources differ by over 1 % and what their rounding can make, or one
    differs so from a peg. `rate_inverted`: turned over, a source's rates would fit the others of the date (where there
    are none, its own of the day before). `rate_repeated`: one number stands for two currencies, and for one of them it
    is a jump of over 20 %: lines were mixed up. `rate_stale`: the newest rate of a source is older than its `max_age`
    (days; only the sources named are looked at).
    """
    frame = pd.DataFrame(list(rows), columns=["source", "base", "quote", "date", "rate"])
    if not len(frame):
        return []
    frame = frame[frame["date"] <= today]
    since = today - dt.timedelta(days=days - 1)
    dollars = _per_dollar(frame)
    repeated = _repeated(frame, since)
    odd = _marked(dollars, repeated)
    inverted = _inverted(dollars[~odd])
    odd |= _marked(dollars, inverted)
    recent = dollars[~odd & (dollars["date"] >= since)]
    return [
        *_tell_repeated(repeated),
        *_tell_inverted(inverted[inverted["date"] >= since]),
        *_apart(pd.concat([recent, _pegged(recent, pegs)])),
        *_stale(frame, today, max_age or {}),
    ]


def _per_dollar(frame: pd.DataFrame) -> pd.DataFrame:
    """(source, date, currency, log, slack): the logarithm of the units for 1 USD, and what rounding can change of it.

    Every source here states all its rates against one currency of its own (in either direction), so its dollar of the
    date turns them into dollars. What cannot be turned is left out.
    """
    named = frame.melt(id_vars="source", value_vars=["base", "quote"], value_name="code")
    home = frame["source"].map(named.groupby("source")["code"].agg(lambda codes: str(codes.value_counts().idxmax())))
    is_base = frame["base"] == home
    known = frame[is_base | (frame["quote"] == home)].assign(home=home)
    is_base = known["base"] == known["home"]
    rate = known["rate"].astype(float)
    sign = np.where(is_base, 1.0, -1.0)
    last_place = 10.0 ** known["rate"].map(lambda number: number.as_tuple().exponent).astype(float)
    against_home = pd.DataFrame(
        {
            "source": known["source"],
            "date": known["date"],
            "currency": np.where(is_base, known["quote"], known["base"]),
            "log": sign * np.log(rate),
            "slack": last_place / 2 / rate,
            "home": known["home"],
        }
    )
    itself = against_home[["source", "date", "home"]].drop_duplicates()
    itself = itself.assign(currency=itself["home"], log=0.0, slack=0.0)
    everything = pd.concat([against_home, itself], ignore_index=True)
    dollar = everything[everything["currency"] == "USD"][["source", "date", "log", "slack"]]
    joined = everything.merge(dollar, on=["source", "date"], suffixes=("", "_usd"))
    joined = joined[joined["currency"] != "USD"]
    return joined.assign(log=joined["log"] - joined["log_usd"], slack=joined["slack"] + joined["slack_usd"])[
        ["source", "date", "currency", "log", "slack"]
    ].reset_index(drop=True)


def _marked(dollars: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Which rows are among those found."""
    if not len(found):
        return pd.Series(False, index=dollars.index)
    key = ["source", *_KEY]
    marked = pd.MultiIndex.from_frame(dollars[key]).isin(pd.MultiIndex.from_frame(found[key]))
    return pd.Series(marked, index=dollars.index)


def _inverted(dollars: pd.DataFrame) -> pd.DataFrame:
    groups = dollars.groupby(_KEY)["log"]
    count, total = groups.transform("count"), groups.transform("sum")
    median = groups.transform("median")
    others = (total - dollars["log"]) / (count - 1).where(count > 1)
    others = others.where(count == 2, median)  # of three and more the median: one that is off does not move it
    before = dollars.sort_values("date").groupby(["source", "currency"])["log"].shift().reindex(dollars.index)
    usual = others.where(count > 1, before)
    apart, turned = (dollars["log"] - usual).abs(), (dollars["log"] + usual).abs()
    jumped = (dollars["log"] - before).abs() > INVERTED
    other_jumped = jumped.groupby([dollars[name] for name in _KEY]).transform("any") & ~jumped
    one_of_two = (count == 2) & other_jumped  # of two it is the one that has changed
    found: pd.DataFrame = dollars[(apart > INVERTED) & (turned < apart) & (turned < INVERTED) & ~one_of_two]
    return found


def _repeated(frame: pd.DataFrame, since: dt.date) -> pd.DataFrame:
    """Rates that stand for another currency of the same list too, and jumped to it."""
    listed = frame.assign(number=frame["rate"].astype(float)).sort_values("date")
    same_quote = listed.duplicated(["source", "date", "quote", "number"], keep=False)
    same_base = listed.duplicated(["source", "date", "base", "number"], keep=False)
    shared = listed[(same_quote | same_base) & (listed["date"] >= since)]
    if not len(shared):
        return shared.assign(currency="")
    before = listed.groupby(["source", "base", "quote"])["number"].shift()
    ratio = (listed["number"] / before)[shared.index]
    found = shared[(ratio > JUMP) | (ratio < 1 / JUMP)]
    return found.assign(currency=found["base"].where(same_quote[found.index], found["quote"]))


def _pegged(recent: pd.DataFrame, pegs: Iterable[Peg]) -> pd.DataFrame:
    """What the pegs say, in dollars: a peg to another anchor with the middle of that anchor's rates of the date."""
    middle = recent.groupby(_KEY)["log"].median()
    made = []
    for peg in pegs:
        for date in recent["date"].unique():
            if peg.anchor != "USD" and (date, peg.anchor) not in middle.index:
                continue
            anchor = 0.0 if peg.anchor == "USD" else float(middle[(date, peg.anchor)])
            if peg.on(date):
                made.append((PEG, date, peg.currency, anchor + float(np.log(float(peg.rate))), 0.0))
    return pd.DataFrame(made, columns=recent.columns) if made else recent.iloc[:0]


def _apart(dollars: pd.DataFrame) -> list[Finding]:
    """One finding a pair and date, whatever the number of its sources."""
    groups = [dollars[name] for name in _KEY]
    low = (dollars["log"] + dollars["slack"]).groupby(groups).transform("min")
    high = (dollars["log"] - dollars["slack"]).groupby(groups).transform("max")
    far = high - low > float(np.log1p(APART))
    listed = dollars[far].sort_values([*_KEY, "log", "source"])
    found = []
    for (date, currency), rates in listed.groupby(_KEY, sort=True):
        apart = float(np.exp(rates["log"].max() - rates["log"].min()) - 1) * 100
        said = ", ".join(
            f"{source} {np.exp(log):.6g}" for source, log in zip(rates["source"], rates["log"], strict=True)
        )
        words = f"USD/{currency} on {date}: {said}: {apart:.1f} % apart"
        if parallel_rate("USD", str(currency)):
            words += " (a currency with a parallel market: the official rate may not be the one people get)"
        found.append(Finding(code="rates_apart", message=words, pairs=(f"USD/{currency}",), day=date))
    return found


def _tell_repeated(repeated: pd.DataFrame) -> list[Finding]:
    return [
        Finding(
            code="rate_repeated",
            level="error",
            source=row["source"],
            pairs=(f"{row['base']}/{row['quote']}",),
            day=row["date"],
            message=f"{row['source']} {row['base']}/{row['quote']} on {row['date']}: {row['rate']} is the rate of "
            "another line too, and a jump of over 20 %: were lines mixed up?",
        )
        for row in repeated.to_dict("records")
    ]


def _tell_inverted(inverted: pd.DataFrame) -> list[Finding]:
    """One finding a source and date: a list is turned over as a whole, or one line of it."""
    found = []
    for (source, date), rates in inverted.groupby(["source", "date"], sort=True):
        pairs = [f"USD/{currency}" for currency in sorted(rates["currency"])]
        named = ", ".join(pairs[:5]) + (f" and {len(pairs) - 5} more" if len(pairs) > 5 else "")
        words = f"{source} on {date}: {named}: inverted? Turned over it would fit the others"
        known = {"source": str(source), "pairs": tuple(pairs), "day": date}
        found.append(Finding(code="rate_inverted", level="error", message=words, **known))
    return found


def _stale(frame: pd.DataFrame, today: dt.date, max_age: Mapping[str, int]) -> list[Finding]:
    newest = frame.groupby("source")["date"].max()
    return [
        Finding(
            code="rate_stale",
            source=source,
            message=f"{source}: no rate after {newest[source]}: older than the {days} days it may be used",
        )
        for source, days in sorted(max_age.items())
        if source in newest.index and (today - newest[source]).days > days
    ]
