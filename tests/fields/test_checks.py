"""The checks of fields, each on a column of its own: what they let pass, what they find, and how their messages say it (S3-5 … S3-9, X-3)."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from invoice_rules.fields import MONEY_TYPE, NUMBER_TYPE, checks
from invoice_rules.fields.checks import (
    inner_content,
    kept_digits,
    longest,
    no_control,
    no_invisible,
    not_negative,
    one_of,
    positive_number,
    repeated,
    safe_content,
    strict_content,
    unique_key,
)
from invoice_rules.problems import Fix
from invoice_rules.table import TEXT


def kept(check, *values):
    """True for each value that the check lets pass."""
    return check._check_fn(pd.Series(list(values), dtype=TEXT)).tolist()


def facts(check, value):
    return dict(check.statistics["facts"](value))


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "a--b", "x=CMD", "x=sum", "x=VLOOKUP"])
def test_what_a_spreadsheet_would_run_is_found(value):
    """S3-5"""
    assert kept(safe_content, "fine", value, None, "") == [True, False, True, True]


@pytest.mark.parametrize("value", ["a=b", "a-b", "7+7", "a@b", "\uff21cme", "cmd", "sum"])
def test_signs_inside_a_text_are_let_pass(value):
    """S3-5"""
    assert kept(safe_content, value) == [True]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("=1+1", 'starts with "=", which a spreadsheet would run as a formula'),
        ("\uff0b1", 'starts with "\uff0b", which a spreadsheet would run as a formula'),
        ("a--b", 'contains "--", which a spreadsheet could run'),
        ("x =SUM(1)", 'contains "=SUM", which a spreadsheet could run'),
    ],
)
def test_the_message_says_what_a_spreadsheet_would_do(value, why):
    assert facts(safe_content, value) == {"why": why}


TYPED = {"CreditMemo": "Credit Memo", "credit  memo": "Credit Memo", "Re-order": "Reorder", "Redo": "Reorder", "redo.": "Reorder", "Order": None, "-": None}


@pytest.mark.parametrize(("typed", "meant"), TYPED.items())
def test_a_word_of_a_list_that_is_written_otherwise_has_a_safe_fix(typed, meant):
    """X-5: the same letters and digits, or a word that the list itself says is the same."""
    of_list = one_of(("Credit Memo", "Reorder"), {"Reorder": ("redo",)})
    assert kept(of_list, typed) == [False] and of_list.statistics["fix"](typed) == (Fix(meant, safe=True) if meant else None)


@pytest.mark.parametrize("code", ["0000", "001C", "001F", "007F", "0085", "200B", "202E"])
def test_an_invisible_character_is_told_by_its_code(code):
    """X-3"""
    assert facts(no_control, f"a\u00a0\tb{chr(int(code, 16))}c") == {"code": code}


def test_the_strict_list_names_each_character_once():
    """S3-5"""
    assert kept(strict_content, "fine", "a-b", "O'Hara", 'a"b', "a=b", "a+b", "a@b", None) == [True, *[False] * 6, True]
    assert facts(strict_content, "a-b-c@d") == {"found": "- @"}


def test_signs_inside_are_told_and_at_the_start_are_not():
    """S3-5"""
    assert kept(inner_content, "a=b", "=b", 'a"', "a+", "a@", "a-b", "a'b", "\nx=") == [False, True, False, False, False, True, True, False]


@pytest.mark.parametrize("code", [0x00, 0x08, 0x0B, 0x0C, 0x0E, 0x1B, 0x1F, 0x7F, 0x80, 0x9F, 0x200B, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069, 0xFFFE, 0xFFFF])
def test_invisible_control_characters_are_found_and_named_by_their_code(code):
    """X-3"""
    assert kept(no_control, f"Mil{chr(code)}ler", "Miller", None) == [False, True, True]
    if not chr(code).isspace():
        assert facts(no_control, f"Mil ler{chr(code)}") == {"code": f"{code:04X}"}


@pytest.mark.parametrize("value", ["a\tb", "a\nb", "a\rb", "a b", "~", "\u00a0a", "Zoë", "\u2010", "\u2070"])
def test_blanks_and_letters_are_no_control_characters(value):
    assert kept(no_control, value) == [True]


@pytest.mark.parametrize(("sign", "code"), [("\u2400", "0000"), ("\u241b", "001B"), ("\u241f", "001F"), ("\u2426", "2426")])
def test_the_sign_that_a_workbook_has_for_a_control_character_is_no_better(sign, code):
    """X-3"""
    assert kept(no_control, f"A{sign}B") == kept(no_invisible, f"A{sign}B") == [False]
    assert facts(no_invisible, f"A{sign}B") == {"code": code}


@pytest.mark.parametrize(("value", "passes"), [("1.5E+12", False), ("-1E+7", False), ("2e+123", False), ("1.5E-12", True), ("12E+5", True), ("1E+", True), ("E+5", True), ("1E+1234", True)])
def test_numbers_that_lost_their_digits(value, passes):
    """X-3"""
    assert kept(kept_digits, value) == [passes]


def test_the_longest_text_passes():
    """S3-7: characters count, not bytes."""
    assert kept(longest(3), "", "äöü", "abcd", None) == [True, True, False, True]


def test_an_identifier_is_shown_as_it_is_and_words_in_quotes():
    assert facts(longest(3), "abcd") == {"said": "abcd", "length": "4", "most": 3}
    assert facts(longest(3, words=True), "abcd") == {"said": '"abcd"', "length": "4", "most": 3}
    assert facts(longest(3), "x" * 1_234)["length"] == "1,234"


def test_one_of_a_list_in_any_case():
    """X-5"""
    colours = one_of(("Red", "Green"))
    assert kept(colours, "red", "GREEN", "blue", None) == [True, True, False, True]
    assert kept(colours, *[f"colour {n}" for n in range(5_000)]) == [False] * 5_000
    assert facts(colours, "blue") == {"choices": "Red, Green"}


def test_every_row_of_a_value_that_stands_twice_is_found(monkeypatch):
    """S3-28, X-9"""
    assert kept(unique_key, "a", "b", "a", None, None, "c", "a") == [False, True, False, True, True, True, False]
    assert repeated(pa.array([], pa.large_string())).tolist() == []
    with monkeypatch.context() as alike:
        alike.setattr(checks, "fingerprints", lambda array: np.zeros(len(array), np.uint64))
        assert repeated(pa.array(["a", "b", "a", None], pa.large_string())).tolist() == [True, False, True, False]
    assert repeated(pa.array([None, None, "x"], pa.large_string())).tolist() == [False, False, False]


def test_amounts_from_zero_on():
    """S3-9"""
    cents = pd.Series(pd.array(pa.array([0, 1, -1, None], pa.int64()), dtype=MONEY_TYPE))
    assert not_negative._check_fn(cents).tolist() == [True, True, False, True]
    tiny = pd.Series(pd.array([Decimal(0), Decimal("0.000001"), Decimal("-0.000001"), None], dtype=NUMBER_TYPE))
    assert positive_number._check_fn(tiny).tolist() == [True, True, False, True]


def test_a_check_keeps_the_rows_numbers():
    """Its answer has the index of the rows, so that Pandera lays it over them."""
    series = pd.Series(["a", ""], dtype=TEXT, index=[7, 9])
    answer = safe_content._check_fn(series)
    assert answer.index.tolist() == [7, 9]
    assert safe_content.name == safe_content.error == checks.CONTENT.id


@pytest.mark.parametrize("code", [0x7F, 0xAD, 0x34F, 0x61C, 0x115F, 0x17B4, 0x180E, 0x200B, 0x2060, 0x3164, 0xFE0F, 0xFEFF, 0xFFA0, 0xE0041])
def test_no_identifier_holds_what_is_not_seen(code):
    """X-3, S3-28: two that look the same would pass as different ones."""
    assert kept(no_invisible, f"INV{chr(code)}-1", "INV-1", "Bü-１", None) == [False, True, True, True]
    assert facts(no_invisible, f"INV-1{chr(code)}") == {"code": f"{code:04X}"}


def test_emoji_and_soft_hyphens_in_words_are_no_control_characters():
    assert kept(no_control, "Caf\u00e9 \u2615\ufe0f", "Rechnungs\u00adstelle", "\u3164") == [True] * 3
