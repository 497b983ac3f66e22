"""A DataFrame as a source."""

from datetime import date
from decimal import Decimal

import pandas as pd

from invoice_rules.reading import read
from invoice_rules.table import TEXT, Kind
from tests.reading.files import cells, refusal, told


def test_values_become_cells_with_kinds():
    frame = pd.DataFrame(
        {
            "id": ["007", None, "x"],
            "n": [1.5, float("nan"), 128861.32999999998],
            "i": [1, 2, 10**18],
            "when": pd.to_datetime(["2026-01-01 00:00", "2026-01-02 10:00", None]),
            "flag": [True, False, None],
            "money": [Decimal("1.10"), date(2026, 5, 1), float("inf")],
        },
        index=["p", "q", "r"],
    )
    table = read(frame)
    assert cells(table) == [
        ["007", "1.5", "1", "2026-01-01", "TRUE", "1.10"],
        ["", "", "2", "2026-01-02 10:00:00", "FALSE", "2026-05-01"],
        ["x", "128861.33", "1000000000000000000", "", "", "#NUM!"],
    ]
    assert list(table.frame.index) == [2, 3, 4] and (table.frame.dtypes == TEXT).all()
    assert [table.kind_at(0, at) for at in range(6)] == [Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.DATE, Kind.YES_NO, Kind.NUMBER]
    assert table.kind_at(2, 5) == Kind.ERROR and table.origin.kind == "frame"
    assert table.origin.sha256 == read(frame.iloc[:]).origin.sha256 != read(frame.iloc[:2]).origin.sha256


def test_headings_and_refusals():
    table = read(pd.DataFrame([["1", "2"]], columns=[" A ", "a"]))
    assert table.headings == ("A", "a") and told(table, "headings")
    assert "no rows" in refusal(pd.DataFrame({"a": []}))
    assert "no columns" in refusal(pd.DataFrame(index=[1, 2]))
    assert "600 columns" in refusal(pd.DataFrame([range(600)]))


def test_junk_is_kept():
    junk = ["\N{GRINNING FACE}", "=cmd|' /C calc'!A0", "x" * 1_000_000, "\x00\x07", "\ud800"]
    table = read(pd.DataFrame({"a": pd.Series(junk, dtype=object), "b": ["1"] * 5}))
    assert len(table) == 5 and cells(table)[1][0] == junk[1] and told(table, "long-cell")
