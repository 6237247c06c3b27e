"""A made-up source on loopback and its scraper, for the tests of the runner."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response as Answered

from remitwatch.corridors import corridor
from remitwatch.quotes import Inquiry, Quote
from remitwatch.runs import Harvest
from remitwatch.services import Provider
from scrapers.archive import Archive
from scrapers.base import Record, Request, Response, Scraper, each
from scrapers.runner import SANDBOX_HEADER, collect
from tests.scrapers.loopback import NOW, client, definition, own

URL = "https://api.acme.test/prices"
LABEL = "2026-10-30/acme-1"
CORRIDORS = ("GBR-IND", "GBR-NGA", "USA-MEX", "USA-PHL", "DEU-TUR", "DEU-IND", "ESP-COL", "ARE-IND")
INQUIRIES = tuple(Inquiry(corridor=corridor(key), send_amount="200", tier=200) for key in CORRIDORS)


class Acme(Scraper):
    """One question a corridor; an answer holds independent offers."""

    def requests(self, inquiries: Sequence[Inquiry]) -> Iterator[Request]:
        for inquiry in inquiries:
            yield Request(URL, {"corridor": inquiry.corridor.key}, (inquiry,))

    def parse(self, response: Response) -> Iterator[Record]:
        answer = response.json()
        if answer.get("closed"):
            yield response.inquiry.not_offered("closed")
        if "next" in answer:
            yield Request(URL, {"page": str(answer["next"])}, response.request.inquiries)
        yield from each(answer["offers"], lambda offer: [quote(response.inquiry, **offer)])


def quote(inquiry: Inquiry, **changes: Any) -> Quote:
    answer: dict[str, Any] = {
        "provider": Provider(key="acme", name="Acme"),
        "basis": "standard",
        "payment_instrument": "bank_account",
        "access_point": "internet",
        "pickup_method": "bank_account",
        "fee": Decimal("1.50"),
        "fee_model": "added",
        "rate": Decimal("80"),
    }
    return inquiry.quote(**(answer | changes))


class Source:
    """The made-up source on loopback: `answers` by corridor or page, else one offer."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.answers: dict[str, Any] = {}
        self.headers = {SANDBOX_HEADER: "sandbox data, not real prices"}
        self.unmarked = ""
        self.asked: list[str] = []
        self.archive = Archive(folder / "archive", durable=False)
        self.base_url = server.url_for("")
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/prices").respond_with_handler(self._answer)

    def _answer(self, request: Asked) -> Answered:
        key = request.args.get("corridor") or request.args.get("page") or ""
        self.asked.append(key)
        answer = self.answers.get(key, {"offers": [{}]})
        headers = {} if key == self.unmarked else self.headers
        if isinstance(answer, Answered):
            return Answered(answer.get_data(), status=answer.status, content_type=answer.content_type, headers=headers)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Answered(body, headers=headers)

    def collect(
        self, scraper: Scraper | None = None, inquiries: Sequence[Inquiry] = INQUIRIES[:4], **changes: Any
    ) -> Harvest:
        one = client(**own(self.base_url))
        arguments: dict[str, Any] = {
            "archive": self.archive,
            "now": lambda: NOW,
            "world": "sandbox",
            "run_label": LABEL,
        }
        try:
            return collect(scraper or Acme(definition()), inquiries, client=one, **(arguments | changes))
        finally:
            one.close()


def page(text: str, status: int = 200) -> Answered:
    return Answered(text, status=status, content_type="text/html")


def codes(harvest: Harvest) -> list[str]:
    return [issue.code for issue in harvest.issues]
