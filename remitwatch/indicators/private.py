"""Private rows: a partner's prices, published only as part of figures that give no single provider's prices away.

A figure that rests on private rows is shown when at least three different private providers stand behind it; public
ones do not count, because their prices are known and can be subtracted. Else its value is None, flagged
`private_suppressed`. What stands behind a figure is what its value is made of: the disclosed services of an average,
the slots of SmaRT, every counted service of a share.

Guarded beyond that:

* SmaRT: its slots are few and the public ones among them are listed, so the three private providers must fill them.
* The median is one or two services' own price: it is withheld when a private one is among them.
* The weighted average is a sum of corridor averages, as the simple one is, with other weights: two such sums would tell
  two corridors that are withheld. It is shown when every corridor in it is.
* Breakdowns are computed without private rows (flag `private_left_out` on every group of the subject), so no group less
  another, or less the whole, is a private price, and no group is named after a private provider.
* Scopes: a sender's figure less its corridors', the world's less its senders' and their corridors', or less its
  regions', their receivers' and the corridors': what such a subtraction leaves holds no private provider or three. The
  wider figure is withheld where it does not. The world's averages leave Russia out and regions do not: the world is
  withheld too where senders in Russia hold one or two private providers.
* Tables show no private service's cost, name, order or place, and no places at all in a corridor whose SmaRT has a
  private slot: a gap in the places would bracket its price.

Not guarded:

* Time: a figure and the same figure before a fourth private provider came in (another period, or another `as_of`) tell
  its price as far as the other prices stayed the same. Weeks and months are not checked against their days.
* Combinations across senders and receivers, or of SmaRTs or shares with averages, beyond what is named above.
* Bounds: a SmaRT that is shown says that no private price is below its third slot, one that is withheld that one is; a
  share of 0 or 100 per cent, or a finding that a private service stands out, bounds prices as well.
* Providers who know their own price and join it with others', and one provider handed in under several names.
"""

from __future__ import annotations

import numpy as np

from remitwatch.figures import Scope
from remitwatch.indicators.exact import BoolArray, IntArray, distinct
from remitwatch.indicators.family import Groups, Outcome
from remitwatch.indicators.units import Units

FEWEST_PROVIDERS = 3
"""A figure with private rows behind it needs so many different private providers."""
TELLING_FLAGS = frozenset({"rate_advantage"})
"""Flags that say something of a value: a withheld one does not carry them."""

# From fine to wide, the scopes that part a scope into wholes: their published figures can be subtracted from its own.
_CHAINS: dict[Scope, tuple[tuple[str, ...], ...]] = {
    "corridor": ((),),
    "sender": (("corridor",),),
    "receiver": (("corridor",),),
    "region": (("corridor", "receiver"),),
    "world": (("corridor", "sender"), ("corridor", "receiver", "region")),
}


def public_only(units: Units, groups: Groups) -> Groups:
    """The memberships of services that rest on no private row."""
    return groups.only(~units.private)


def withheld(units: Units, outcome: Outcome, scope: Scope, dropped: Groups | None) -> BoolArray:
    """Which groups' values are not to be shown, by group number.

    `dropped`: services of the world that its averages leave out and the figures of its parts do not.
    """
    own = outcome.used.only(units.private)
    found = np.zeros(own.size, dtype=bool)
    if not units.private.any():
        return found
    for chain in _CHAINS[scope]:
        found |= _too_few(units, own.group, own.unit, own.size, _unknown(units, own, chain))
    for made_of in (outcome.made_of, dropped):
        if made_of is not None:
            few = made_of.only(units.private)
            found |= _too_few(units, few.group, few.unit, few.size, np.ones(len(few.unit), dtype=bool))
    if outcome.parts is not None:
        parts, part_of = outcome.parts
        few = parts.only(units.private)
        hidden = _too_few(units, few.group, few.unit, few.size, np.ones(len(few.unit), dtype=bool))
        found[part_of[hidden]] = True
    return found


def _unknown(units: Units, own: Groups, chain: tuple[str, ...]) -> BoolArray:
    """Which private memberships stay unknown when every published figure of the finer scopes has been subtracted."""
    unknown = np.ones(len(own.unit), dtype=bool)
    for column in chain:
        labels = units.labels(column)
        width = max(len(labels.names), 1)
        pairs, part = np.unique(own.group * width + labels.codes[own.unit], return_inverse=True)
        part = part.astype(np.int64)
        shown = ~_too_few(units, part, own.unit, len(pairs), unknown)
        if "" in labels.names:  # services without a region are in no region's figure
            shown &= pairs % width != labels.names.index("")
        unknown &= ~shown[part]
    return unknown


def _too_few(units: Units, group: IntArray, unit: IntArray, size: int, unknown: BoolArray) -> BoolArray:
    """Which groups hold one or two private providers, in all or in what is unknown of them."""
    provider = units.labels("provider").codes[unit]
    every = distinct(group, provider, size)
    rest = distinct(group[unknown], provider[unknown], size)
    found: BoolArray = ((every > 0) & (every < FEWEST_PROVIDERS)) | ((rest > 0) & (rest < FEWEST_PROVIDERS))
    return found
