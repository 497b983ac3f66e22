"""Amounts are exact: every text that is an amount becomes its minor units, nothing else does (X-3, X-17, X-21, S3-8)."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_rules.problems import Fix, filled, quoted
from invoice_rules.values import decimal_mark, declared_amount, declared_number, money, parse_money, show_money


def read(*texts, **how):
    return parse_money(pa.array(texts, pa.large_string()), **how).values.to_pylist()


def rules(*texts, **how):
    return [fault.rule.message for fault in parse_money(pa.array(texts, pa.large_string()), **how).faults]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("0", 0),
        ("0.5", 50),
        (".5", 50),
        ("100.", 10000),
        ("$1,234,567.89", 123456789),
        ("$ 12", 1200),
        ("9999999999999.99", 999999999999999),
        ("(1,000.50)", -100050),
        ("$(5)", -500),
        ("5.00-", -500),
        ("5.00 CR", -500),
        ("5 DR", 500),
        ("-", 0),
        ("$ -", 0),
        ("5.0000", 500),
        ("36788.399999999994", 3678840),
        ("0.30000000000000004", 30),
        ("1000.0000000000001", 100000),
    ],
)
def test_amounts(text, minor):  # S3-8, X-21
    assert read(text) == [minor]


@pytest.mark.parametrize(
    "text",
    ["1_000", "１２３", "٣", "NaN", "inf", "1e5", "0x1F", "1,00", "1,0000", ",100", "1.2.3", "--5", "(5", "5)", "-(5)", "USD 5", "€5", "12 34", "$", "+5", "5%", "99999999999999"],
)
def test_what_is_no_amount(text):  # S3-8
    assert read(text) == [None]
    assert len(rules(text)) == 1


@pytest.mark.parametrize("text", ["$" + " " * 30_000 + "x", "- " * 15_000, "1" * 30_000 + "x", "$\u00a0" * 15_000])
def test_a_cell_that_could_keep_a_pattern_busy_is_told_at_once(text):  # S3-8
    assert read(text) == [None]


@pytest.mark.parametrize(
    ("text", "mark", "hint"), [("1200.-", "point", "1200"), ("$ 1,200. -", "point", "1200"), ("5.-", "point", "5"), ("1.200,-", "comma", "1200")]
)
def test_a_dash_for_no_cents_is_no_minus(text, mark, hint):
    assert read(text, mark=mark) == [None]
    assert message_of(text, "CHF", 2, mark).startswith(f'"{text}" can be read as {hint} or as -{hint}:')
    assert read("1200.00-", "1200-") == [-120000, -120000]


def test_an_amount_that_may_be_a_thousand_times_as_much_is_not_read():
    parsed = parse_money(pa.array(["1.200", "1.234", "5.00"]), unsure=np.array([True, True, False]))
    assert parsed.values.to_pylist() == [None, None, 500]
    (decimals, ways) = parsed.faults
    assert (decimals.at.tolist(), ways.at.tolist()) == ([1], [0])
    assert filled(ways.rule.message, {"value": '"1.200"', **ways.facts("1.200")}).startswith('"1.200" can be read as 1,200.00 or as 1.20, and no other amount')


@pytest.mark.parametrize(("currency", "decimals", "fine", "wrong"), [("JPY", 0, "5", "5.1"), ("USD", 2, "5.12", "5.123"), ("BHD", 3, "5.123", "5.1234")])
def test_decimals_of_the_currency(currency, decimals, fine, wrong):
    assert read(fine, wrong, currency=currency, decimals=decimals) == [5 * 10**decimals + int(fine[2:] or 0), None]


def test_each_row_has_its_own_currency():
    assert read("5", "5", "5.5", currency="", decimals=np.array([0, 3, 0])) == [5, 5000, None]


def test_a_dollar_sign_in_a_currency_without_one():  # S3-8
    assert read("$5", "5", currency="EUR", dollars=False) == [None, 500]


def test_decimal_commas_by_the_column():
    column = pa.array(["1.200,50", "3", "-4,5"], pa.large_string())
    assert decimal_mark(column) == "comma"
    assert parse_money(column, mark="comma").values.to_pylist() == [120050, 300, -450]


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1.200,50", 120050), ("1200,5", 120050), ("1.200", 120000), ("1.200.300", 120030000), ("0,500", 50), ("(3,20)", -320), ("$ 7,00", 700)]
    + [("1 200,00", 120000), ("1\u00a0200\u00a0300,5", 120030050), ("1'200,00", 120000), ("12 34", None), ("1 20,00", None)]
    + [(wrong, None) for wrong in ("12.50", "1,200.00", "300.50", "1.2.3", "1200.50", "0.500", "1.2,5", ".200", "1,2,3")],
)  # fmt: skip
def test_points_of_a_column_with_a_decimal_comma_stand_between_thousands_alone(text, minor):  # X-12, S2-37
    assert read(text, mark="comma") == [minor]
    assert len(rules(text, mark="comma")) == (minor is None)


@pytest.mark.parametrize("text", ["0,500", "-0,500.00", "$0,500,000"])
def test_no_thousands_begin_with_a_zero_alone(text):  # S3-8
    assert read(text) == [None]


def test_cells_that_are_numbers_have_a_point():
    column = pa.array(["1.200,50", "1200.5", "99.95", "3"], pa.large_string())
    real = np.array([False, True, True, True])
    assert parse_money(column, mark="comma", real=real).values.to_pylist() == [120050, 120050, 9995, 300]


@given(st.lists(st.integers(-(10**15) + 1, 10**15 - 1), min_size=1, max_size=50), st.sampled_from(["USD", "JPY", "BHD"]))
def test_what_is_written_is_read_back(amounts, currency):
    decimals = {"USD": 2, "JPY": 0, "BHD": 3}[currency]
    whole = [a for a in amounts if abs(a) < 10 ** (13 + decimals)]
    assert read(*[show_money(a, currency) for a in whole], currency=currency, decimals=decimals) == whole


@given(st.lists(st.text(alphabet="0123456789.,$()- CRE", max_size=14), min_size=1, max_size=30))
def test_only_exact_amounts_are_read(texts):  # what is read equals what was typed, by an independent reading
    for text, minor in zip(texts, read(*[t.strip() for t in texts]), strict=True):
        if minor is not None and not set(text.strip()) <= set("$- "):
            digits = text.replace("CR", "").translate(str.maketrans("", "", "$(),- "))
            assert abs(minor) == Decimal(digits) * 100


def test_a_hundred_thousand_amounts_keep_their_cents():
    amounts = np.random.default_rng(7).integers(0, 10**14, 100_000)
    texts = pa.array([f"{a // 100}.{a % 100:02d}" for a in amounts.tolist()], pa.large_string())
    assert np.array_equal(parse_money(texts).values.to_numpy(), amounts)


@pytest.mark.parametrize(
    ("text", "currency", "decimals", "says"),
    [
        ("1.23456", "USD", 2, '"1.23456" has more decimals than USD has.'),
        ("1.234", "USD", 2, '"1.234" has more decimals than USD has (2).'),
        ("1.5", "", 0, '"1.5" has more decimals than the row\'s currency has.'),
        ("1.2349999999999999", "BHD", 3, '"1.2349999999999999" was read as 1.235:'),
        ("EUR 50.00", "USD", 2, '"EUR 50.00" names a currency (EUR), and amounts here are in USD. Write the amount alone if it is the same;'),  # S3-8
        ("1 200.00", "USD", 2, '"1 200.00" is not an amount.'),
        ("1 200,00", "USD", 2, '"1 200,00" looks like an amount with a decimal comma. Amounts here have a decimal point: write 1200.00,'),
        ("1,200,00", "USD", 2, '"1,200,00" has a comma in the wrong place. Write the amount again, with commas only'),
        ("1,2,3", "USD", 2, '"1,2,3" has a comma in the wrong place. Write the amount again,'),
        ("-$1,23,456.78", "USD", 2, '"-$1,23,456.78" has a comma in the wrong place. Write -123456.78, with commas only'),
        ("0,500", "USD", 2, '"0,500" looks like an amount with a decimal comma. Amounts here have a decimal point: write 0.500,'),
    ],
)
def test_messages_say_the_right_figures(text, currency, decimals, says):
    assert message_of(text, currency, decimals).startswith(says)


OWN = [("USD 50.00", "50.00"), ("-usd 50", "-50"), ("(1,000.50 USD)", "(1,000.50)"), ("5.00USD-", "5.00-"), ("50.00 USD", "50.00"), ("1USD2", ""), ("50 USD 20", ""), ("USD", ""), ("USD 1,2", "")]


@pytest.mark.parametrize(("text", "bare"), OWN)
def test_the_code_of_the_amounts_own_currency_has_a_safe_fix(text, bare):
    """S3-8, X-5: other currencies are wrong; with its own code an amount is one that wants the digits alone."""
    mended = [(fault.at.tolist(), fault.fix(text), fault.facts(text)) for fault in parse_money(pa.array([text, "€5", "7"], pa.large_string())).faults if fault.fix]
    assert mended == ([([0], Fix(bare, safe=True), {"own": "USD", "bare": bare})] if bare else [])
    assert read(text) == [None] and not any(fault.fix for fault in parse_money(pa.array([text], pa.large_string()), "").faults)


def test_what_is_said_of_the_own_code():
    assert message_of("50,00 EUR", "EUR", 2, "comma") == '"50,00 EUR" names its currency, and all amounts here are in EUR anyway. Write the amount alone: 50,00.'
    assert message_of("50.00 USD", "", 2).startswith('"50.00 USD" names a currency (USD), and amounts here are in the row\'s currency.')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12.50", '"12.50" looks like an amount with a decimal point. This column has a decimal comma: write 12,50, or choose the decimal point for the whole column.'),
        ("1,200.00", '"1,200.00" looks like an amount with a decimal point. This column has a decimal comma: write 1200,00,'),
        ("12.34,5", '"12.34,5" has a point in the wrong place. This column has a decimal comma: write the amount again,'),
        ("1.23.456,78", '"1.23.456,78" has a point in the wrong place. This column has a decimal comma: write 123456,78,'),
        ("five", '"five" is not an amount. This column has a decimal comma: write digits as in 1.200,00.'),
        ("36788,399999999994", '"36788,399999999994" was read as 36,788.40:'),
    ],
)
def test_messages_of_a_column_with_a_decimal_comma(text, says):  # S3-8, X-21
    assert message_of(text, "EUR", 2, "comma").startswith(says)


def message_of(text, *how):
    parsed = parse_money(pa.array([text], pa.large_string()), *how)
    (fault,) = parsed.faults
    message = filled(fault.rule.message, {"value": quoted(text), **fault.facts(text)})
    assert "{" not in message
    return message


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("$300.30", "USD", 30030), (" 1,300.5 ", "USD", 130050), ("(300.30)", "USD", -30030), ("7-", "USD", -700), ("$ -", "USD", 0), ("€5", "EUR", 500)]
    + [("92,999,999,999,999,907.01", "USD", 9_299_999_999_999_990_701), ("500", "JPY", 500), ("1.125", "BHD", 1125)]
    + [(wrong, "USD", None) for wrong in ("300,30", "1.300,30", "1,30.00", "USD 300.30", "€5", "none", "1.234", "", "9" * 5000)]
    + [("$5", "EUR", None), ("5.5", "JPY", None)],
)  # fmt: skip
def test_a_declared_amount_is_read_as_amounts_are_and_exactly(text, currency, minor):  # X-8, S3-8, X-17
    assert declared_amount(text, currency) == minor


def test_a_declared_number_is_whole():
    assert [declared_number(text) for text in ("1,200", "3", "3.0", "3,0", "1.5", "three")] == [1200, 3, 3, None, None, None]


@pytest.mark.parametrize(
    ("text", "mark", "bare"),
    [
        ("+12", "point", "12"),
        ("\u221212.50", "point", "-12.50"),
        ("1 234.56", "point", "1234.56"),
        ("1'234'567.5", "point", "1234567.5"),
        ("$1\u202f234", "point", "$1234"),
        ("+12,5", "comma", "12,5"),
        ("\u22121.200,50", "comma", "-1.200,50"),
        ("12 34", "point", ""),
        ("1 2345", "point", ""),
        ("+", "point", ""),
        ("--5", "point", ""),
    ],
)
def test_amounts_in_other_spellings_have_a_safe_fix(text, mark, bare):  # S3-8, X-5
    (fault,) = parse_money(pa.array([text], pa.large_string()), mark=mark).faults
    assert (fault.fix(text) if fault.fix else None) == (Fix(bare, safe=True) if bare else None)
    if bare:
        assert f"Write {bare}, without a plus" in message_of(text, "USD", 2, mark) and len(read(bare, mark=mark)) == 1 and read(bare, mark=mark) != [None]


AMOUNTLIKE = st.text(st.sampled_from("0123456789.,$()-+ CRDEcrdeXx'€\u00a0\u2009\u2212\x0b\x1c\x85"), max_size=8) | st.sampled_from(["5 USD", "EUR 5", "1E5", "5 €"])


@given(st.lists(AMOUNTLIKE, max_size=5))
def test_the_pattern_lets_every_text_pass_that_is_more_than_no_amount(texts):  # S3-8
    distinct = pa.array(texts, pa.large_string())
    amounts, codes, good = money._read_distinct(distinct)
    said = [(amount if known else None, None if code < 0 else money._REASONS[code]) for amount, code, known in zip(amounts.tolist(), codes.tolist(), good.tolist(), strict=True)]
    assert said == [money._read(text) for text in texts]


def test_texts_that_are_no_amounts_are_not_read_one_by_one(monkeypatch):
    monkeypatch.setattr(money, "_read", None)
    assert read(*(f"{at} X" for at in range(1000))) == [None] * 1000
