"""Text of others is hostile until cleaned; csv cells are never formulas."""

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remitwatch.errors import InputError
from reports import wording
from reports.language import speaking
from tests.reports.made_up import HOSTILE

_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(st.text(st.characters(), max_size=500))
def test_clean_text_prints_safely(text):
    cleaned = wording.clean_text(text, 80)
    assert 0 < len(cleaned) <= 80
    assert not any(unicodedata.category(char) in ("Cc", "Cs") or char in _TURNING for char in cleaned)
    cleaned.encode()  # no lone surrogate left


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_short_and_printable(name):
    cleaned = wording.name(name)
    assert cleaned.isprintable()
    assert len(cleaned) <= wording.NAME_LENGTH


def test_words_of_others_are_isolated_in_sentences_of_another_language():
    assert wording.quoted("Wise comparisons") == "Wise comparisons"
    with speaking("fr"):
        assert wording.quoted("Wise comparisons") == "\u2068Wise comparisons\u2069"


def test_names_keep_their_letters():
    assert wording.name("Société Générale  (شركة)") == "Société Générale (شركة)"
    assert wording.name("\x00\u202e") == "(no name)"


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1-2", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_become_text(cell):
    assert wording.csv_cell(cell).startswith("'")


@pytest.mark.parametrize("cell", ["-4.43", "+0.2", "12", "1e5", "-0.00000001"])
def test_numbers_stay_numbers(cell):
    assert wording.csv_cell(cell) == cell


@given(st.text(max_size=60))
def test_a_cell_survives_csv_and_starts_no_formula(text):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow([wording.csv_cell(text), "end"])
    rows = list(csv.reader(io.StringIO(buffer.getvalue(), newline="")))
    assert len(rows) == 1
    assert rows[0][1] == "end"
    assert rows[0][0][:1] not in ("=", "@", "\t", "\r")


@given(st.lists(st.text('aZ09_.:/%~+-= @,"\t\né', max_size=4), max_size=4))
@example(["a" * 2001])
@example(["average_total_cost:world::::::2026-Q3:200:survey:1:20261103T050000"])
def test_texts_that_are_plain_together_are_cells_as_they_are(texts):
    assert not wording.csv_plain(texts) or [wording.csv_quoted(wording.csv_cell(text)) for text in texts] == texts
    assert wording.csv_plain([text for text in texts if text.isalnum() and text.isascii() and len(text) < 2000])


@pytest.mark.parametrize("key", ["../../etc/x", "GBR-IND/..", "gbr-ind", "GBRIND", "CON", "GBR-QQQ", ""])
def test_only_real_corridors_become_file_names(key):
    with pytest.raises(InputError):
        wording.corridor_parts(key)


def test_joined_codes_are_read_as_words():
    assert wording.joined("bank_account+debit_card", wording.INSTRUMENTS) == "Bank account, debit card"
    assert wording.type_code("bank+post_office") == "joint"
    assert wording.joined(None, wording.INSTRUMENTS) == "Not stated"


@pytest.mark.parametrize("flag", sorted(wording.FLAGS))
def test_every_flag_is_a_tag_of_a_known_kind_with_words(flag):
    kind, words = wording.flag_tag(flag)
    assert kind in ("warn", "none")
    assert 0 < len(words) <= 32


def test_every_tag_that_needs_a_meaning_is_a_flag():
    assert set(wording.MEANINGS) - {"stale"} <= set(wording.FLAGS)
