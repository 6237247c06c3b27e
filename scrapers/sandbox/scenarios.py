"""What goes wrong in the world of sources, scenario by scenario, and how a collection must end in each.

A scenario is one source, what becomes of its answers, and the end that it must have. It is watched with
`python -m scrapers.sandbox --scenario NAME` and a collection beside it; the tests run every one of them.

The lines are those of the list of what was seen in the wild: 1 comparisons, 2 Wise's own quote, 3 finding the survey's
workbook, 4 World Bank API, 5 Data360, 6 ECB, 7 Frankfurter, 8 Sendwave, 9 Taptap Send, 10 promotions and cards only,
11 Western Union, 12 pages in place of data, 13 robots.txt, 14 odd numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapers.sandbox import wise, worldbank, worldbank_changes
from scrapers.sandbox.changes import (
    AKAMAI,
    CLOUDFLARE,
    DENY_ONE,
    INCAPSULA,
    WELCOME,
    a_day_old,
    as_always,
    as_version_3,
    card_only,
    closed,
    day_before,
    european,
    everywhere,
    first_transfer,
    in_gbr_ind,
    introductory,
    no_address,
    no_rate,
    one_day_only,
    status,
    to_a_language,
    turned,
    two_quotes_more,
    unknown_schedule,
    with_comma,
    without_gbr_ind,
)
from scrapers.sandbox.faults import Change, data, edited, is_robots, page, replaced, says, text, where
from scrapers.sandbox.taptap_send import BAD_HEADER


@dataclass(frozen=True)
class Scenario:
    """One source that goes wrong, and the end of a collection that asks it for all the sandbox's corridors (or, with
    `span`, for rates of that span; `times` how often in a row).

    `status`, `reason` and `exit_code` are those of the last run, `failures` the classes that its issues tell.
    `corridors` are those whose prices are not as without the scenario: in them there are `quotes` (basis -> number) and
    answers without a price (`not_offered`), and the prices carry `flags` once they are priced. Of all others every
    price is the same, unless the run fails: then there is none. `values` says for sources of another kind whether the
    last run brings any.
    """

    name: str
    line: int
    source: str
    shows: str
    change: Change
    status: str = "ok"
    reason: str = ""
    exit_code: int = 0
    failures: frozenset[str] = frozenset()
    corridors: tuple[str, ...] = ()
    quotes: Mapping[str, int] = field(default_factory=dict)
    not_offered: int = 0
    flags: frozenset[str] = frozenset()
    values: bool = True
    span: tuple[str, str] | None = None  # a span without an end ends today
    times: int = 1


GBR_IND = "GBR-IND"
_REFUSED, _BLOCKED = frozenset({"refused"}), frozenset({"blocked"})

_LISTED = (
    Scenario(
        "wise_normal", 1, "wise_comparisons", "The comparison as it should be", as_always,
    ),
    Scenario(
        "wise_multi_quote", 1, "wise_comparisons",
        "One firm carries a general quote, one for Germany and one for France: each is filed under its own country",
        where(says("sourceCountry=DE", "targetCountry=IN"), edited(two_quotes_more)),
        corridors=("DEU-IND", "FRA-IND"), quotes={"standard": 2, "estimate": 16},
    ),
    Scenario(
        "wise_empty", 1, "wise_comparisons", "An empty list of providers with status 200: an answer without a price",
        in_gbr_ind("wise_comparisons", edited(lambda answer: answer["providers"].clear())),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "wise_429", 1, "wise_comparisons", "429 that asks to wait an hour: it is not waited for, and not asked again",
        in_gbr_ind("wise_comparisons", data({"error": "Too Many Requests"}, 429, {"Retry-After": "3600"})),
        "partial", "refused", 3, _REFUSED, (GBR_IND,),
    ),
    Scenario(
        "wise_v3", 1, "wise_comparisons", "Bodies of the older version 3 are read as well",
        everywhere(edited(as_version_3)),
    ),
    Scenario(
        "wise_old", 1, "wise_comparisons", "Quotes that were collected 21 hours before: kept, with their own time",
        everywhere(edited(a_day_old)),
    ),
    Scenario(
        "wise_quote_cards_disabled", 2, "wise_quotes", "All cards are switched off: the transfer from a bank is left",
        in_gbr_ind("wise_quotes", closed("DEBIT", "CREDIT")), corridors=(GBR_IND,), quotes={"standard": 2},
    ),
    Scenario(
        "wise_quote_disabled", 2, "wise_quotes", "Every way of paying in is switched off: no price, and none made up",
        in_gbr_ind("wise_quotes", closed()), corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "wise_quote_422", 2, "wise_quotes", "422: Wise has no such route; an answer without a price",
        in_gbr_ind("wise_quotes", data({"errors": [{"code": "route", "message": "route not supported"}]}, 422)),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "survey_normal", 3, "worldbank_survey", "The catalog with a resource without an address, then the workbook",
        as_always,
    ),
    Scenario(
        "survey_unchanged", 3, "worldbank_survey",
        "The same release a second time: it is not downloaded again, and that is an answer",
        as_always, reason="nothing_new", times=2, values=False,
    ),
    Scenario(
        "survey_new_id", 3, "worldbank_survey", "The workbook under another resource id",
        everywhere(worldbank_changes.new_number),
    ),
    Scenario(
        "survey_no_address", 3, "worldbank_survey", "No resource has an address any more",
        where(says(worldbank.CATALOG), edited(no_address)),
        "failed", "changed", 1, frozenset({"changed"}), values=False,
    ),
    Scenario(
        "survey_cut", 3, "worldbank_survey", "The download ends early", everywhere(worldbank_changes.cut),
        "failed", "truncated", 1, frozenset({"truncated"}), values=False,
    ),
    Scenario(
        "survey_header_drift", 3, "worldbank_survey", "A column has another name",
        everywhere(worldbank_changes.drifted),
        "failed", "changed", 1, frozenset({"changed"}), values=False,
    ),
    Scenario(
        "survey_text_numbers", 3, "worldbank_survey", "Every number is a text: read, and counted as repaired",
        everywhere(worldbank_changes.as_text),
    ),
    Scenario(
        "figures_pages", 4, "worldbank", "Pages of ten rows, years without a value, groups of countries",
        everywhere(worldbank_changes.few_figures),
    ),
    Scenario(
        "figures_error_200", 4, "worldbank", "An error with status 200", everywhere(lambda play: worldbank.INVALID),
        "failed", "refused", 1, _REFUSED, values=False,
    ),
    Scenario(
        "flows_pages", 5, "knomad", "Fewer rows an answer than asked for; a total row a sending country",
        everywhere(worldbank_changes.few_flows),
    ),
    Scenario(
        "flows_cap", 5, "knomad", "The list ends before its count: it is held, and no matrix is in force",
        everywhere(worldbank_changes.cut_list), "held", "few_answers", 3, frozenset({"few_answers", "truncated"}),
    ),
    Scenario(
        "ecb_holiday", 6, "ecb", "A holiday: the list of the business day before is still there",
        everywhere(day_before),
    ),
    Scenario(
        "ecb_no_rate", 6, "ecb", "A day of one currency without a rate in the data API: a hole, no rate of 0",
        everywhere(no_rate), span=("2026-03-02", "2026-03-06"),
    ),
    Scenario(
        "ecb_na", 6, "ecb", "N/A in the whole history (roubles, since 2022): no rate of it, and all others are there",
        as_always, span=("2026-01-02", ""),
    ),
    Scenario(
        "ecb_304", 6, "ecb", "Asked again, the list has not changed: it says so (304) to who has it already",
        as_always, times=3,
    ),
    Scenario(
        "frankfurter_pegs", 7, "frankfurter", "Rows without banks are made of a peg; they are rates and are counted",
        as_always,
    ),
    Scenario(
        "frankfurter_old", 7, "frankfurter", "Rates older than asked keep their own date",
        everywhere(edited(one_day_only)),
    ),
    Scenario(
        "frankfurter_503", 7, "frankfurter", "503 at every try",
        everywhere(data({"status": 503, "message": "unavailable"}, 503)),
        "failed", "unreachable", 1, frozenset({"unreachable"}), values=False,
    ),
    Scenario(
        "sendwave_promo", 8, "sendwave", "An introductory rate: filed as promotional, the base rate beside it",
        in_gbr_ind("sendwave", edited(introductory)), corridors=(GBR_IND,), quotes={"promotional": 2, "standard": 2},
    ),
    Scenario(
        "sendwave_limit", 8, "sendwave", "400 for an amount over the limit: an answer without a price, no outage",
        in_gbr_ind("sendwave", data({"code": "pricing-limit-violation"}, 400)),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "taptap_bad_header", 9, "taptap_send", "400 BAD_HEADER: the headers that it demands are others now",
        where(says("/api/fxRates"), lambda play: BAD_HEADER), "failed", "changed", 1, frozenset({"changed"}),
    ),
    Scenario(
        "taptap_schedules", 9, "taptap_send",
        "A fee schedule of an unknown kind: that corridor has no price, the one in steps has",
        where(says("/api/fxRates"), edited(unknown_schedule)),
        "partial", "refused_record", 3, frozenset({"refused_record"}), (GBR_IND,), not_offered=2,
    ),
    Scenario(
        "taptap_missing", 9, "taptap_send", "A corridor that is not in the list is not offered",
        where(says("/api/fxRates"), edited(without_gbr_ind)), corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "instarem_promo", 10, "instarem", "The rate of a first transfer: promotional, the regular rate is the standard",
        in_gbr_ind("instarem", edited(first_transfer)),
        corridors=(GBR_IND,), quotes={"promotional": 4, "standard": 4},
    ),
    Scenario(
        "transfergo_card_only", 10, "transfergo", "Only cards are offered, as the default",
        in_gbr_ind("transfergo", edited(card_only)), corridors=(GBR_IND,), quotes={"promotional": 2, "standard": 2},
    ),
    Scenario(
        "wu_error", 11, "western_union", "Status -1 with status 200: the catalog is refused",
        in_gbr_ind("western_union", status(-1, "C9999", "SYSTEM BUSY")),
        "partial", "refused", 3, _REFUSED, (GBR_IND,),
    ),
    Scenario(
        "wu_not_sold", 11, "western_union", "Status -1 for a channel without prices: not sold on the site",
        in_gbr_ind(
            "western_union", status(-1, "C1131", "MISSING PRICING SETUP FOR THIS CHANNEL AND CLIENT")
        ),
        corridors=(GBR_IND,), not_offered=2,
    ),
    Scenario(
        "wu_warning", 11, "western_union", "Status 1 is a warning: the catalog is whole all the same",
        everywhere(status(1, "W1000", "PROMOTION EXPIRED")),
    ),
    Scenario(
        "challenge_cloudflare_403", 12, "wise_comparisons", "A Cloudflare challenge with 403, at every question",
        everywhere(page(CLOUDFLARE, 403, {"cf-mitigated": "challenge"})), "failed", "blocked", 1, _BLOCKED,
    ),
    Scenario(
        "challenge_cloudflare_200", 12, "wise_comparisons", "The same challenge with 200 where JSON is expected",
        everywhere(page(wise.CHALLENGE.decode())), "failed", "blocked", 1, _BLOCKED,
    ),
    Scenario(
        "challenge_incapsula_200", 12, "sendwave", "An Incapsula page with 200 for one corridor",
        in_gbr_ind("sendwave", page(INCAPSULA)), "partial", "blocked", 3, _BLOCKED, (GBR_IND,),
    ),
    Scenario(
        "challenge_akamai_403", 12, "western_union", "Akamai's Access Denied with 403, at every question",
        everywhere(page(AKAMAI, 403)), "failed", "blocked", 1, _BLOCKED,
    ),
    Scenario(
        "empty_200", 12, "sendwave", "An empty body with 200", in_gbr_ind("sendwave", text("")),
        "partial", "empty", 3, frozenset({"empty"}), (GBR_IND,),
    ),
    Scenario(
        "html_for_json", 12, "sendwave", "The site's own page where JSON is expected",
        in_gbr_ind("sendwave", page(WELCOME)), "partial", "blocked", 3, _BLOCKED, (GBR_IND,),
    ),
    Scenario(
        "locale_redirect", 12, "sendwave", "A redirect to the page of a language",
        to_a_language,
        "partial", "blocked", 3, _BLOCKED, (GBR_IND,),
    ),
    Scenario(
        "robots_404", 13, "transfergo", "No robots.txt: everything is allowed", where(is_robots, text("", 404)),
    ),
    Scenario(
        "robots_403", 13, "transfergo", "robots.txt is kept from us: nothing is asked", where(is_robots, text("", 403)),
        "failed", "robots", 1, frozenset({"robots"}),
    ),
    Scenario(
        "robots_503", 13, "transfergo", "robots.txt fails: nothing is asked, and the source is down",
        where(is_robots, text("", 503)), "failed", "unreachable", 1, frozenset({"unreachable"}),
    ),
    Scenario(
        "robots_wildcards", 13, "wise_comparisons", "Wildcards: the longest rule counts, here against one pair only",
        where(is_robots, text(DENY_ONE)), "partial", "robots", 3, frozenset({"robots"}), (GBR_IND,),
    ),
    Scenario(
        "odd_numbers", 14, "sendwave", "A rate with a decimal comma where a point is stated: refused, not guessed",
        in_gbr_ind("sendwave", edited(with_comma)),
        "partial", "invalid", 3, frozenset({"invalid"}), (GBR_IND,),
    ),
    Scenario(
        "odd_groups", 14, "xe", "Received amounts with point and comma the other way round: refused, not guessed",
        in_gbr_ind("xe", edited(european)),
        "partial", "refused_record", 3, frozenset({"refused_record"}), (GBR_IND,),
    ),
    Scenario(
        "inverted_price", 14, "sendwave", "A rate upside down: stored and shown, in quarantine, out of the figures",
        in_gbr_ind("sendwave", turned(lambda rate: 1 / rate)),
        corridors=(GBR_IND,), quotes={"standard": 2}, flags=frozenset({"inverted_rate", "quarantined"}),
    ),
    Scenario(
        "ten_times", 14, "sendwave", "A rate ten times too high, the point slipped: in quarantine, out of the figures",
        in_gbr_ind("sendwave", turned(lambda rate: rate * 10)),
        corridors=(GBR_IND,), quotes={"standard": 2}, flags=frozenset({"decimal_slip", "quarantined"}),
    ),
    Scenario(
        "odd_spaces", 14, "bceao", "A rate with a no-break space between its thousands: that rate is left out",
        everywhere(replaced(("<td>Livre sterling</td><td>", "<td>Livre sterling</td><td>1\u00a0"))),
        "partial", "refused_record", 3, frozenset({"refused_record"}),
    ),
    Scenario(
        "per_100_units", 14, "fbil", "Rupees for 100 yen and 10,000 rupiahs, as every day: kept for one, exactly",
        as_always,
    ),
    Scenario(
        "inverted_rates", 14, "cbk", "The neighbours' money for one shilling, as every day: kept in its direction",
        as_always,
    ),
)  # fmt: skip
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _LISTED}
