"""Providers: which have a page, and where it stands."""

import dataclasses
import re

from hypothesis import given
from hypothesis import strategies as st

from reports.providers import slug
from reports.site import make_site
from tests.reports.made_up import HOSTILE, edition

FILE_NAME = re.compile(r"[a-z0-9]+(-{1,2}[a-z0-9]+)*", re.ASCII)


def test_a_plain_key_is_its_own_file_name():
    assert slug("western_union") == "western-union"


def test_what_is_not_plain_gets_a_part_of_its_hash():
    assert slug("../../etc/passwd") == "etc-passwd--3754d6cb3a38e118"
    assert slug("\x00") == "provider--6e340b9cffb37a98"
    assert slug("con") == "con--1143da2bc54c495c"


@given(st.text(max_size=300))
def test_every_file_name_is_safe(key):
    assert FILE_NAME.fullmatch(slug(key))
    assert len(slug(key)) <= 80


@given(st.lists(st.text(alphabet="ab_-. ", min_size=1, max_size=8), unique=True))
def test_two_keys_never_share_a_name(keys):
    assert len({slug(key) for key in keys}) == len(keys)


def test_hostile_keys_are_harmless():
    assert all(FILE_NAME.fullmatch(slug(name)) for name in HOSTILE)


def test_a_provider_of_private_prices_or_of_checks_only_has_no_page():
    data = edition(bases=("standard",), corridors=("USA-MEX",))
    services = data.bases[0].services
    swiftpath = services["provider"] == "swiftpath"
    assert swiftpath.any()
    changed = services.assign(
        provider=services["provider"].mask(services["private"], "partner"),
        source=services["source"].mask(swiftpath, "checks_only"),
    )
    site = make_site(dataclasses.replace(data, bases=(dataclasses.replace(data.bases[0], services=changed),)))
    assert site.provider_link("blue_heron") == "providers/blue-heron.html"
    assert [site.provider_link(key) for key in ("partner", "swiftpath", "nobody")] == [None, None, None]
