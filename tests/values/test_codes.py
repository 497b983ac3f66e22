"""Identifiers as they stand, and what a spreadsheet has made of them (X-3)."""

import numpy as np
import pyarrow as pa
import pytest

from invoice_rules.table import Kind
from invoice_rules.values import parse_code


@pytest.mark.parametrize(
    ("value", "kind", "what"),
    [
        ("2026-01-02", Kind.DATE, "the date 2026-01-02"),
        ("2026-01-02 14:02:03", Kind.DATE, "the date 2026-01-02 14:02:03"),
        ("TRUE", Kind.YES_NO, "the yes or no TRUE"),
    ],
)
def test_what_a_spreadsheet_made_of_an_identifier_is_not_one(value, kind, what):
    parsed = parse_code(pa.array(["a", value, "", value]), np.array([Kind.TEXT, kind, Kind.TEXT, Kind.TEXT], np.int8))
    assert parsed.values.to_pylist() == ["a", None, None, value]
    (fault,) = parsed.faults
    assert (fault.rule.id, fault.at.tolist(), fault.facts(value)) == ("lost-form", [1], {"what": what})


def test_numbers_and_text_are_identifiers():
    kinds = np.array([Kind.NUMBER, Kind.TEXT, Kind.DATE], np.int8)
    assert parse_code(pa.array(["1001", "TRUE", "1-2"]), kinds).values.to_pylist() == ["1001", "TRUE", "1-2"]  # the last by a correction
    assert parse_code(pa.array(["x", ""])).values.to_pylist() == ["x", None]
