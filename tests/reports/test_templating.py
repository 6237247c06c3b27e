"""What templates print, and that nothing of a page stays in memory once it is made."""

import gc
import weakref
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from reports.edition import html_pages
from reports.language import language
from reports.numbers import number
from reports.site import make_site
from reports.templating import printed, rendered
from tests.reports.made_up import edition


@given(st.one_of(st.text(), st.integers(), st.decimals(), st.none(), st.booleans(), st.text().map(Markup)))
def test_a_value_is_printed_as_escaped_text_and_markup_as_it_is(value) -> None:
    assert printed(value) == escape(value)
    assert type(printed(value)) is Markup


def test_a_long_text_and_a_number_as_the_language_writes_it_are_text_too() -> None:
    assert printed("<b>" * 1000) == "&lt;b&gt;" * 1000
    assert printed(number(Decimal("-1568.449"), 2)) == "−1,568.45"


def test_templates_print_what_others_wrote_as_text_and_refuse_what_is_not_given() -> None:
    entry = {"id": "<i>", "updated": "&", "kind": "k", "severity": '"', "href": "'", "summary": "]]>",
             "title": "<script>alert(1)</script>"}  # fmt: skip
    feed = rendered(
        "alerts.xml", language=language("en"), title="<b>", sandbox="", id="x", updated="y", entries=[entry]
    )
    assert "<title>&lt;b&gt;</title>" in feed
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>" in feed
    assert 'href="&#39;"' in feed
    assert 'term="&#34;"' in feed
    assert "<id>&lt;i&gt;</id>\n    <updated>&amp;</updated>" in feed
    assert '<content type="text">]]&gt;</content>' in feed
    with pytest.raises(UndefinedError):
        rendered("alerts.xml", language=language("en"))


def test_what_a_page_was_made_of_is_let_go_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        site = make_site(edition())
        assert len(html_pages(site)) > 10
        kept = weakref.ref(site)
        del site
        assert kept() is None
    finally:
        gc.enable()
