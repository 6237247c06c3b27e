"""Draws by key: the same seed and key give the same number on every machine and in any order of calls.

Only integers and decimals are used, so no rounding of a platform's floating point can change a byte of the world.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal

_ONE = 65_536
_SPREAD = 37_837  # the standard deviation of the sum of four draws of 16 bits


class Draws:
    """Keyed draws of one seed."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"remitwatch sandbox {seed}".encode()).digest()

    def number(self, *key: object) -> int:
        """A whole number of 64 bits, evenly spread."""
        text = "\x1f".join(map(str, key)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=self._key).digest(), "big")

    def between(self, low: int, high: int, *key: object) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.number(*key) % (high - low + 1)

    def bell(self, *key: object) -> Decimal:
        """A number with mean 0 and standard deviation 1, near to normal, never beyond 3.5, in steps of 0.0001."""
        return Decimal(self.bell_steps(*key)).scaleb(-4)

    def bell_steps(self, *key: object) -> int:
        """`bell` in ten-thousandths."""
        number = self.number(*key)
        total = sum((number >> shift) % _ONE for shift in (0, 16, 32, 48))
        return (total - 2 * (_ONE - 1)) * 10_000 // _SPREAD
