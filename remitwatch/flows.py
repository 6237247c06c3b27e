"""Flows: what migrants send from one country to another in a year: the weights of the weighted average."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from remitwatch.fields import CountryCode, ExactDecimal, Value


class Flow(Value):
    """One published estimate.

    `series` names the publisher's table (`bilateral_matrix`); `year` the calendar year it is about; `value` million US
    dollars, 0 or more, with every digit published.
    """

    series: Annotated[str, Field(min_length=1)]
    sender: CountryCode
    receiver: CountryCode
    year: Annotated[int, Field(ge=1970, le=2100)]
    value: Annotated[ExactDecimal, Field(ge=0)]
