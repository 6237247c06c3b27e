"""The names of indicators and of their breakdowns' groups, by code, in the language spoken."""

from __future__ import annotations

from reports import wording
from reports.language import N_, Words

INDICATORS = Words({
    "average_total_cost": N_("Average total cost"),
    "average_fee": N_("Average fee"),
    "average_fx_margin": N_("Average exchange-rate margin"),
    "median_total_cost": N_("Median total cost"),
    "p25_total_cost": N_("Total cost, lower quartile"),
    "p75_total_cost": N_("Total cost, upper quartile"),
    "mean_of_corridor_averages": N_("Mean of corridor averages"),
    "digital_index": N_("Average cost, digital services"),
    "non_digital_index": N_("Average cost, other than digital services"),
    "mto_index_international": N_("Average cost, international money transfer operators"),
    "smart": N_("Three cheapest services (SmaRT)"),
    "share_corridors_below_3": N_("Share of corridors below 3%"),
    "share_corridors_below_5": N_("Share of corridors below 5%"),
    "share_corridors_below_7": N_("Share of corridors below 7%"),
    "share_corridors_below_10": N_("Share of corridors below 10%"),
    "share_corridors_smart_above_5": N_("Share of corridors above the 5% ceiling"),
    "share_transparent": N_("Share of services that disclose their rate"),
    "share_services_within_hour": N_("Share of services paid out within one hour"),
    "share_services_within_day": N_("Share of services paid out within a day"),
    "weighted_average": N_("Average weighted by flows"),
})  # fmt: skip
_GROUPS: dict[str, Words] = {
    "provider_type": wording.PROVIDER_TYPES,
    "payment_instrument": wording.INSTRUMENTS,
    "access_point": wording.ACCESS_POINTS,
    "pickup_method": wording.PICKUPS,
    "speed": wording.SPEEDS,
}


def indicator_name(code: str) -> str:
    """`Average total cost`; the code in plain letters where it has no name."""
    return INDICATORS.get(code) or wording.plain(code)


def group_name(breakdown: str, group: str) -> str:
    """`Bank`, `Mobile wallet`: a group of a breakdown."""
    words = _GROUPS.get(breakdown)
    return (words.get(group) if words else None) or wording.plain(group)
