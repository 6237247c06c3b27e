"""Hosts that are never asked (reference/do_not_collect.csv): their owners refuse it, or it would take a disguise.

Their prices come from the survey and from comparisons that their owners take part in, or not at all.
"""

from __future__ import annotations

import re
from functools import cache

from remitwatch.reference import read_rows


@cache
def _reasons() -> dict[str, str]:
    return {row["host"]: f"{row['why']} ({row['checked']})" for row in read_rows("do_not_collect.csv")}


def why_forbidden(host: str) -> str | None:
    """Why a host (`api.example.com`, with or without a port) must not be asked; None where it may.

    A name on the list stands for every host below it. No address of this machine is on it.
    """
    labels = re.sub(r":\d*$", "", host.strip().lower()).rstrip(".").split(".")
    names = (".".join(labels[start:]) for start in range(len(labels)))
    return next((_reasons()[name] for name in names if name in _reasons()), None)
