"""Amounts that a sheet shows in a currency (X-17)."""

import numpy as np
import pyarrow as pa
import pytest

from invoice_rules.values import Fault, Parsed, named_by_symbol, shown_alike
from invoice_rules.values.money import NOISE


@pytest.mark.parametrize(("sign", "currency", "fits"), [("EUR", "EUR", True), ("EUR", "USD", False), ("¥", "CNY", True), ("¥", "JPY", True), ("¥", "USD", False), ("USD", "USD", True)])
def test_an_amount_is_shown_in_its_own_currency(sign, currency, fits):
    for codes in (currency, pa.array([currency] * 3)):
        shown = shown_alike(Parsed(pa.array([1, 2, None])), {sign: np.array([1, 2])}, codes)
        assert shown.values.to_pylist() == [1, 2 if fits else None, None]
        assert [(fault.rule.id, fault.at.tolist(), fault.facts("2")) for fault in shown.faults] == ([] if fits else [("shown-currency", [1], {"shown": sign, "own": currency})])


def test_a_row_whose_currency_is_not_known_gets_no_second_complaint():
    parsed = Parsed(pa.array([1, 2]), (Fault(NOISE, np.array([0, 1])),))
    shown = shown_alike(parsed, {"EUR": np.array([0, 1])}, pa.array([None, "USD"]))
    assert shown.values.to_pylist() == [1, None]
    assert [(fault.rule.id, fault.at.tolist()) for fault in shown.faults] == [("binary-noise", [0]), ("shown-currency", [1])]


def test_a_symbol_that_several_currencies_have_stays_one():
    assert [named_by_symbol(text) for text in ("€", "5 £", "¥", "$", "CHF", "")] == ["EUR", "GBP", "¥", "", "", ""]
