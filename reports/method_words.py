"""Words of the method: what each indicator is, what each option settles, what each rule does, where we stand apart.

The codes, values and limits are read from the program and its reference tables; a test holds that each has its words.
"""

from __future__ import annotations

from reports.language import N_, Words

INDICATORS = Words({
    "average_total_cost": N_("Average total cost"),
    "average_fee": N_("Average fee"),
    "average_fx_margin": N_("Average exchange-rate margin"),
    "median_total_cost": N_("Median total cost"),
    "p25_total_cost": N_("Lower quartile of total cost"),
    "p75_total_cost": N_("Upper quartile of total cost"),
    "mean_of_corridor_averages": N_("Mean of corridor averages"),
    "smart": N_("SmaRT: the three cheapest"),
    "weighted_average": N_("Weighted average"),
    "mto_index_international": N_("International MTO index"),
    "digital_index": N_("Digital index"),
    "non_digital_index": N_("Non-digital index"),
    "share_corridors_below_3": N_("Corridors below 3%"),
    "share_corridors_below_5": N_("Corridors below 5%"),
    "share_corridors_below_7": N_("Corridors below 7%"),
    "share_corridors_below_10": N_("Corridors below 10%"),
    "share_corridors_smart_above_5": N_("Corridors above the 5% ceiling"),
    "share_services_within_hour": N_("Services paid out within one hour"),
    "share_services_within_day": N_("Services paid out within a day"),
    "share_transparent": N_("Services that disclose their rate"),
})  # fmt: skip
DEFINITIONS = Words({
    "average_total_cost": N_(
        "Simple mean over services that disclose their rate, negative costs kept. Senders in Russia are left out of "
        "the world figure only."
    ),
    "average_fee": N_("The part of the average that is fees to the sender, over the same services."),
    "average_fx_margin": N_("The part that is the margin of the exchange rate, over the same services."),
    "median_total_cost": N_("Half of the services cost less, half more."),
    "p25_total_cost": N_("A quarter of the services cost less."),
    "p75_total_cost": N_("A quarter of the services cost more."),
    "mean_of_corridor_averages": N_(
        "Every corridor weighs the same. It is another number than the average and is never printed as the average."
    ),
    "smart": N_(
        "Mean of the three cheapest services that qualify: rate disclosed, paid out within five days, accessible. With "
        "one or two it is shown and not judged. For the world, the mean over corridors."
    ),
    "weighted_average": N_("Corridor averages weighted by what migrants send; Russia included."),
    "mto_index_international": N_("Mean over the services of money transfer operators that are in most corridors."),
    "digital_index": N_(
        "Mean over services paid by a digital instrument without help and received in an account or wallet."
    ),
    "non_digital_index": N_("Mean over all other services."),
    "share_corridors_below_3": N_("Share of corridors whose average is strictly below 3%."),
    "share_corridors_below_5": N_("Share of corridors whose average is strictly below 5%."),
    "share_corridors_below_7": N_("Share of corridors whose average is strictly below 7%."),
    "share_corridors_below_10": N_("Share of corridors whose average is strictly below 10%."),
    "share_corridors_smart_above_5": N_("Share of the corridors that can be assessed whose SmaRT is above 5%."),
    "share_services_within_hour": N_("Of services, not of payments: it stands in for the G20 speed target."),
    "share_services_within_day": N_("Of services, not of payments: it stands in for the G20 speed target."),
    "share_transparent": N_("Of services, not of payments: it stands in for the G20 transparency target."),
})  # fmt: skip
STATUS = Words({
    "official": N_("official"),
    "checked": N_("official, checked"),
    "open": N_("open"),
    "derived": N_("our own"),
})  # fmt: skip
STATUS_MEANS = Words({
    "official": N_("Defined in the custodian’s own texts."),
    "checked": N_("Defined by the custodian, recomputed from the survey’s rows and found to agree."),
    "open": N_("Published by the custodian, but no text that we could read settles every detail: see the options."),
    "derived": N_("Not an official indicator. It says what the official ones leave open."),
})  # fmt: skip
AGREEMENTS = Words({
    "equal": N_("recomputed: equal"),
    "reference": N_("for comparison"),
    "ours": N_("ours, not published"),
})  # fmt: skip
SCOPES = Words({
    "world": N_("the world"),
    "sender": N_("sending countries"),
    "receiver": N_("receiving countries"),
    "region": N_("regions of receivers"),
    "corridor": N_("corridors"),
})  # fmt: skip
OPTIONS = Words({
    "one_per_provider": N_("A firm fills at most one of SmaRT’s three slots."),
    "world_smart_assessable_only": N_("The world’s SmaRT is of corridors with three services that qualify only."),
    "within_day_same_day_only": N_("“Within a day” leaves out services that say “next day”."),
    "needs_wide_coverage": N_("SmaRT needs a pick-up network that is stated as wide."),
    "joint_labels_apart": N_("A service of several types or instruments is a group of its own."),
    "digital_every_label": N_("For the digital index, every instrument and access point of a service must be digital."),
    "digital_call_center": N_("Ordering by telephone counts as without help."),
    "digital_card_pickup": N_("A card at the receiver counts as an account."),
    "indexes_without_russia": N_("The digital and MTO indexes of the world leave senders in Russia out."),
    "mto_presence_percent": N_("In how many of 100 corridors an operator must be for the international MTO index."),
})  # fmt: skip
RULES = Words({
    "rate_far_from_mid": N_("The applied rate is far from the reference rate."),
    "inverted_rate": N_("The applied rate fits the reference rate better upside down."),
    "swapped_currencies": N_("The fee looks as if it were in the receive currency."),
    "decimal_slip": N_("The rate or the fee is ten, a hundred or a thousand times what it was or should be."),
    "neighbour_rate": N_("The rate is that of another currency in the same answers, and it jumped."),
    "spike": N_("The price jumped far away from what its corridor costs."),
    "jump": N_("The price moved far since the service’s last price."),
    "outlier": N_("The price is far from what its corridor costs."),
})  # fmt: skip
LIMITS = Words({
    "rate_far_from_mid": N_("{limit} from the reference rate, either way"),
    "swapped_currencies": N_("a fee of {limit} of the amount"),
    "decimal_slip": N_("within {limit} of a power of ten"),
    "neighbour_rate": N_("a move of {limit}"),
})  # fmt: skip
"""How the limits in per cent read; those in points and in deviations have messages of their own."""
ACTIONS = Words({
    "show": N_("shown with a mark, in the figures"),
    "quarantine": N_("quarantine: out of the figures"),
})  # fmt: skip
TARGETS = Words({
    "sdg_10c_average": N_("Average cost of sending USD 200 under 3%"),
    "sdg_10c_corridor": N_("No corridor above 5%"),
    "g20_cost": N_("Average at or under 3%"),
    "g20_cost_corridor": N_("No corridor averages above 5%"),
    "g20_speed": N_("75% of payments within one hour"),
    "g20_speed_day": N_("All payments within one business day"),
    "5x5": N_("Average cost of 5% in five years (2009 to 2014)"),
})  # fmt: skip
OPERATORS = Words({
    "lt": N_("less than {value}"),
    "le": N_("at most {value}"),
    "gt": N_("more than {value}"),
    "ge": N_("at least {value}"),
})  # fmt: skip
ORIGINS = Words({
    "confirmed": N_("seen in survey rows"),
    "survey": N_("most frequent in imported survey rows"),
    "derived": N_("derived from a dated rate"),
    "unverified": N_("from memory: matches handed-in amounts, never asked with"),
})  # fmt: skip
TABLES = Words({
    "alert_rules.toml": N_("Rules for alerts"),
    "aggregates.csv": N_("Groups of countries in official files"),
    "borders.csv": N_("Countries that share a border"),
    "corridors.csv": N_("Corridors watched by default"),
    "countries.csv": N_("Countries, regions and income groups"),
    "country_groups.csv": N_("Members of the G8 and G20"),
    "country_names.csv": N_("Names of countries in official files"),
    "currencies.csv": N_("Currencies"),
    "do_not_collect.csv": N_("Hosts that are never asked"),
    "events.csv": N_("Policy measures and their dates"),
    "firm_aliases.csv": N_("Firms that changed their name"),
    "indicators.csv": N_("Status of the indicators’ definitions"),
    "pegs.csv": N_("Currencies with a fixed rate"),
    "plausibility.toml": N_("Plausibility rules"),
    "rate_preferences.toml": N_("Order of the sources of reference rates"),
    "reference_values.csv": N_("Published values the method was compared with"),
    "send_amounts.csv": N_("Amounts asked for"),
    "source_precedence.toml": N_("Which source speaks for a service"),
    "targets.toml": N_("Official targets"),
})  # fmt: skip
DEVIATIONS = (
    (
        N_("Prices are read from public pages and interfaces every day."),
        N_("The survey’s researchers ask as customers, once a quarter. The two are kept apart as bases, never pooled."),
    ),
    (
        N_("Services of a collected basis have no network coverage."),
        N_("Every service is taken as accessible for SmaRT; the option on wide coverage tests it where it is stated."),
    ),
    (
        N_("A collected service whose speed is not stated qualifies for SmaRT and says so."),
        N_("In the survey an unknown speed does not qualify."),
    ),
    (
        N_("Speed and transparency are shares of services."),
        N_("The G20 targets speak of payments; how many payments each service carries is not published."),
    ),
    (
        N_("Values below zero are kept."),
        N_("They are promotions, or official rates away from the market. They are marked and never cut off at zero."),
    ),
    (
        N_("A service that does not disclose its rate has no margin and is in no average."),
        N_("In the survey’s file such rows carry a margin of zero as a placeholder; it is not used."),
    ),
    (
        N_("A survey row keeps its published total."),
        N_("Where fee and margin do not add up to it, the row is marked, and the total counts."),
    ),
    (
        N_("Annual values of survey figures are those of the third quarter."),
        N_("So has the official series of countries; quarters differ."),
    ),
)
"""Where the figures stand apart from an ideal or from each other: the statement, and what it means."""
