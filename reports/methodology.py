"""The page on the method, written from the program itself: its options, indicators, targets, rules and tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from remitwatch import marks
from remitwatch.costs import EXTREME
from remitwatch.figures import SCOPES
from remitwatch.identity import IDENTITY_TOLERANCE, percent
from remitwatch.indicators import CODES
from remitwatch.indicators.panel import DEFAULT_MAX_AGE_DAYS, source_precedence
from remitwatch.indicators.private import FEWEST_PROVIDERS
from remitwatch.indicators.selection import find_indicator
from remitwatch.method import DEFAULT_OPTIONS, OPTIONS, flows_of, options_of
from remitwatch.rate_preferences import rate_preferences
from remitwatch.reference import names as reference_names
from remitwatch.reference import read_notes, read_rows
from remitwatch.send_amounts import TIERS, reference_amounts
from remitwatch.targets import ON_TRACK_SHARE, STAGNANT_SHARE, targets
from reports import method_words as words
from reports import names, numbers, promises, wording
from reports.findings import WORLD_CORRIDORS
from reports.language import _, ngettext, pgettext
from reports.lookup import WORLD, Place
from reports.site import Site, render

_POINTS = ("jump",)
_DEVIATIONS = ("spike", "outlier")
EXAMPLE = {"amount": Decimal(120), "fee": Decimal("1.90"), "rate": Decimal(98), "reference": Decimal(100)}
"""An illustrative transfer: pounds, a fee in pounds, and rates in receive units for one pound."""


def render_methodology(site: Site) -> str:
    """The page on the method in force."""
    method = site.data.method
    return render(
        site,
        "methodology.html",
        "methodology.html",
        title=_("How the cost is measured · remitwatch"),
        description=_("What is measured, how it becomes a figure, which choices were made, and what they rest on."),
        strip=[_("Method version {method}", method=method)],
        page="method",
        switch=[],
        headline=_("The cost is the fee plus what the exchange rate takes"),
        example=example(),
        options=_options(method),
        indicators=_indicators(),
        statuses=[(words.STATUS[code], words.STATUS_MEANS[code]) for code in words.STATUS],
        checks=_checks(site),
        flows=_flows(site),
        targets=_targets(site),
        on_track=numbers.percent(ON_TRACK_SHARE * 100, 0),
        stagnant=numbers.percent(STAGNANT_SHARE * 100, 0),
        rules=_rules(),
        marks_of_survey={
            "extreme": numbers.percent(EXTREME, 0),
            "identity": numbers.number(IDENTITY_TOLERANCE, 2),
            "fewest": numbers.count(marks.FEWEST_SERVICES),
        },
        amounts=_amounts(),
        amounts_note=read_notes("send_amounts.csv")["source"],
        origins=words.ORIGINS,
        rates=_rates(site),
        precedence=[_source_name(site, key) for key in source_precedence()],
        max_age=ngettext("{n} day", "{n} days", DEFAULT_MAX_AGE_DAYS),
        fewest_private=numbers.count(FEWEST_PROVIDERS),
        deviations=[(_(strong), _(rest)) for strong, rest in words.DEVIATIONS],
        tables=_tables(),
    )


def example() -> dict[str, Any]:
    """The worked example, computed by the program's own formulas. Money in pounds, costs in per cent."""
    amount, fee, rate, reference = (EXAMPLE[name] for name in ("amount", "fee", "rate", "reference"))
    share, margin = percent(fee, amount), 100 - percent(rate, reference)
    lost_added = 100 - percent(amount * rate, (amount + fee) * reference)
    lost_deducted = 100 - percent((amount - fee) * rate, amount * reference)
    return {
        "amount": numbers.money(amount, "GBP"),
        "fee": numbers.money(fee, "GBP"),
        "rate": numbers.number(rate, 0),
        "reference": numbers.number(reference, 0),
        "fee_pct": numbers.percent(share, 2),
        "margin_pct": numbers.percent(margin, 2),
        "total_pct": numbers.percent(share + margin, 2),
        "added": numbers.percent(lost_added, 2),
        "deducted": numbers.percent(lost_deducted, 2),
        "paid": numbers.money(amount + fee, "GBP"),
    }


def _options(method: str) -> list[dict[str, Any]]:
    """Every option: its name, what it does when it is on, its default and its value here."""
    here = options_of(method)
    rows = []
    for name in OPTIONS:
        default, value = getattr(DEFAULT_OPTIONS, name), getattr(here, name)
        rows.append(
            {"name": name, "words": words.OPTIONS[name], "default": _value(default), "value": _value(value),
             "changed": value != default}
        )  # fmt: skip
    return rows


def _value(value: bool | int) -> str:
    if isinstance(value, bool):
        return pgettext("option", "on") if value else pgettext("option", "off")
    return numbers.count(value)


def _indicators() -> list[dict[str, Any]]:
    statuses = {row["code"]: row["status"] for row in read_rows("indicators.csv")}
    rows = []
    for code in CODES:
        found = [(scope, one) for scope in SCOPES if (one := find_indicator(code, scope)) is not None]
        rows.append({
            "code": code,
            "name": words.INDICATORS[code],
            "definition": words.DEFINITIONS[code],
            "status": statuses[code],
            "status_words": words.STATUS[statuses[code]],
            "scopes": numbers.listed(words.SCOPES[scope] for scope, _one in found),
            "breakdowns": any(one.breakdowns for _scope, one in found),
        })  # fmt: skip
    return rows


def _checks(site: Site) -> list[dict[str, Any]]:
    """The published values, and the figure of this edition's survey rows where it holds that period. One of the world
    is `comparable` where as many corridors stand behind it as a world figure needs."""
    survey = next((view for view in site.views if view.basis == "survey"), None)
    rows = []
    for row in read_rows("reference_values.csv"):
        digits = -int(Decimal(row["value"]).as_tuple().exponent)
        place: Place = WORLD if row["scope"] == "world" else (row["scope"], row["subject"], "")
        ours = None
        if survey is not None and not row["breakdown"]:
            if row["period"] == survey.data.period:
                ours = survey.figures.get(row["indicator"], place)
            else:
                ours = survey.figures.at(row["indicator"], row["period"], place)
        name = words.INDICATORS[row["indicator"]]
        if row["scope"] == "region":
            name = _("{indicator}, {group}", indicator=name, group=names.region(row["subject"]))
        if row["breakdown"]:
            name = _("{indicator}, {group}", indicator=name, group=wording.PROVIDER_TYPES[row["group"]])
        rows.append({
            "name": name,
            "period": row["period"],
            "value": numbers.percent(Decimal(row["value"]), digits),
            "agreement": words.AGREEMENTS[row["agreement"]],
            "ours": None if ours is None or ours.value is None else numbers.percent(ours.value, digits),
            "corridors": None if ours is None else ours.corridors,
            "comparable": ours is not None and (row["scope"] != "world" or ours.corridors >= WORLD_CORRIDORS),
        })  # fmt: skip
    return rows


def _flows(site: Site) -> list[tuple[str, int]]:
    """The flows that weighted figures of this edition rest on: series and year."""
    methods = {str(method) for view in site.views for method in view.data.indicators["method"].unique()}
    return sorted({found for method in methods if (found := flows_of(method)) is not None})


def _targets(site: Site) -> list[dict[str, Any]]:
    rows = [
        {
            "code": target.code,
            "owner": promises.owner(target.owner),
            "name": words.TARGETS[target.code],
            "indicator": words.INDICATORS[target.indicator],
            "scopes": numbers.listed(words.SCOPES[scope] for scope in target.scope),
            "line": words.OPERATORS[target.operator].format(value=_plain_percent(target.value)),
            "deadline": target.deadline,
            "half": target.part_of,
            "historic": target.historic,
        }
        for target in targets()
    ]
    seen: set[str] = set()
    for given in site.data.targets:
        code = str(given.get("code"))
        if not given.get("national") or code in seen:
            continue
        seen.add(code)
        indicator = str(given.get("indicator"))
        value = numbers.decimal_of(given.get("target"))
        rows.append({
            "code": wording.clean_text(code, 60),
            "owner": promises.owner(given.get("owner")),
            "name": wording.clean_text(given.get("name"), 160),
            "indicator": words.INDICATORS.get(indicator) or indicator,
            "scopes": words.SCOPES.get(str(given.get("scope"))) or "",
            "line": words.OPERATORS[str(given.get("operator"))].format(value=_plain_percent(value)),
            "deadline": given.get("deadline"),
            "half": None,
            "historic": False,
        })  # fmt: skip
    return rows


def _plain_percent(value: Decimal | None) -> str:
    """A percentage with the digits it has: `3%`, `2.5%`."""
    if value is None:
        return numbers.percent(None)
    return numbers.percent(value, _digits(value))


def _rules() -> list[dict[str, Any]]:
    rows = []
    for name, rule in marks.rules().items():
        limit = _exact(rule.limit)
        if name in _POINTS:
            said = _("more than {limit} points", limit=numbers.number(limit, 0))
        elif name in _DEVIATIONS:
            said = _("more than {limit} median deviations from the median", limit=numbers.number(limit, 0))
        elif name in words.LIMITS:
            said = words.LIMITS[name].format(limit=numbers.percent(limit, 0))
        else:
            said = "–"
        rows.append({
            "name": name,
            "tag": wording.FLAGS[name],
            "words": words.RULES[name],
            "limit": said,
            "action": words.ACTIONS[rule.action],
            "parallel": words.ACTIONS[rule.parallel],
            "confirmed": rule.confirmed is not None,
        })  # fmt: skip
    return rows


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _amounts() -> list[dict[str, Any]]:
    """The send amounts of the reference table, a line a sender and beginning."""
    found: dict[tuple[str, str, str, str], dict[int, Decimal]] = {}
    for one in reference_amounts():
        found.setdefault((one.sender, one.currency, one.since, one.origin), {})[one.tier] = one.amount
    rows = [
        {
            "country": names.country(sender),
            "currency": currency,
            "amounts": [_amount(tiers.get(tier)) for tier in TIERS],
            "since": since or "–",
            "origin": origin,
        }
        for (sender, currency, since, origin), tiers in found.items()
    ]
    return sorted(rows, key=lambda row: (row["origin"] != "confirmed", str(row["country"]), str(row["since"])))


def _amount(value: Decimal | None) -> str:
    """An amount with the digits it has."""
    return "–" if value is None else numbers.number(value, _digits(value))


def _digits(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _rates(site: Site) -> dict[str, Any]:
    preferences = rate_preferences()
    return {
        "default": [_source_name(site, key) for key in preferences["default"]],
        "currencies": [
            (currency, names.currency(currency), [_source_name(site, key) for key in order])
            for currency, order in sorted(preferences["currencies"].items())
        ],
        "age": ngettext("{n} day", "{n} days", int(preferences["max_age_days"])),
        "parallel": [names.currency(code) for code in preferences["parallel"]["currencies"]],
        "as_of": read_notes("rate_preferences.toml").get("as_of", ""),
    }


def _source_name(site: Site, key: str) -> str:
    source = site.source(key)
    return source.name if source else key


def _tables() -> list[dict[str, str]]:
    """Every reference table with what it is, its source and its vintage."""
    rows = []
    for file in reference_names():
        notes = read_notes(file)
        rows.append({
            "file": file,
            "name": words.TABLES.get(file, file),
            "source": notes["source"],
            "as_of": notes["as_of"],
        })  # fmt: skip
    return rows
