"""What is said to be held, and what is not said."""

import datetime as dt
from typing import Any

from db.queries import Queries
from db.store import Store

ONE_DAY = dt.timedelta(days=1)


def test_who_hands_in_privately_is_not_among_the_providers(store: Store, queries: Queries, make: Any) -> None:
    make.run(store, make.quote("partner", private=True), make.quote("zap"), make.quote("wise", private=True))
    make.run(store, make.quote("wise"), day=make.day + ONE_DAY)
    listed = queries.providers()
    assert dict(zip(listed["provider"], listed["quotes"], strict=True)) == {"wise": 1, "zap": 1}
