"""Lists by columns are what they are a row at a time: the same JSON, the same CSV, and no cell that starts a formula (X-16)."""

import datetime as dt
import json
import random
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from invoice_rules import CannotRun, exact, exporting
from invoice_rules.cli.output import dumps
from invoice_rules.fields import DATE_TYPE, MONEY_TYPE
from invoice_rules.table import TEXT
from invoice_rules.workbooks import table_csv
from tests.test_injection import OWN

USUAL = ["A", "B 2", None, "Zoë", "C,D", ""]
HOSTILE = [*OWN, *USUAL, "漢字", "a\u2028b", "y" * 40_000, 'q"x', "a\r\nb", "+1,000.00", "１２", "½", "é=1", "\ufffe", "a\ufffe", "a\x7fb", "\U0001f600=1", "-", "١٢", "back\\slash"]
MINOR = [None, 0, -1, 5, -123_456, 10**17, -(2**63), 2**63 - 1]


def frame(rows: int, texts: list, seed: int) -> pd.DataFrame:
    """A list as the store gives it: texts, codes, minor units, dates, numbers."""
    chance = random.Random(seed)

    def some(values: list) -> list:
        return [chance.choice(values) for _ in range(rows)]

    dates = some([None, dt.date(2026, 1, 2), dt.date(1, 1, 1), dt.date(9999, 12, 31)])
    columns = {"key": pd.array(some(texts), dtype=TEXT), "=name": pd.array(some(texts), dtype=TEXT), "currency": pd.array(some(["USD", "JPY", "BHD", None]), dtype=TEXT)}
    columns |= {"amount": pd.array(some(MINOR), dtype=MONEY_TYPE), "date": pd.array(dates, dtype=DATE_TYPE), "n": np.arange(rows), "row": pd.array(some([None, 3]), dtype="Int64")}
    return pd.DataFrame(columns)


def one_by_one(found: pd.DataFrame) -> pd.DataFrame:
    """The amounts of each row as `exact` writes them."""
    pairs = zip(found["amount"], found["currency"], strict=True)
    amounts = [None if pd.isna(minor) or pd.isna(code) else Decimal(exact(int(minor), code)) for minor, code in pairs]
    return found.assign(amount=pd.Series(amounts, index=found.index, dtype=object))


@pytest.fixture(params=[(rows, texts, part) for texts in (USUAL, HOSTILE) for rows, part in ((0, 7), (1, 7), (50, 7), (600, 100))], ids=str)
def found(request, monkeypatch):
    rows, texts, part = request.param
    monkeypatch.setattr(exporting, "ROWS", part)
    return frame(rows, texts, seed=rows)


def test_amounts_are_exact_and_have_the_decimals_of_their_currency(found):
    made, wanted = exporting.exact_columns(found, ["amount"]), one_by_one(found)
    assert [repr(cell) for cell in made["amount"]] == [repr(cell) for cell in wanted["amount"]]


def test_json_is_that_of_each_row(found, tmp_path):
    rows = [{"format": 1, **{name: None if pd.isna(value) else value for name, value in row.items()}} for row in one_by_one(found).to_dict("records")]
    assert [text for part in exporting.parts(found) for text in exporting.json_rows(part, dumps, ["amount"], {"format": 1})] == [dumps(row) for row in rows]
    written = exporting.write_json(found, tmp_path / "list.json", dumps, ["amount"], {"format": 1})
    assert written.read_bytes() == (dumps(rows) + "\n").encode()


def test_csv_is_that_of_each_cell(found, tmp_path):
    titles = {"key": "=Key", "amount": "Amount, due"}
    wanted = table_csv(one_by_one(found).rename(columns=titles), tmp_path / "cells.csv").read_bytes()
    assert exporting.write_csv(found, tmp_path / "columns.csv", titles, ["amount"]).read_bytes() == wanted


def test_columns_of_anything_else_are_written_too(tmp_path):
    found = pd.DataFrame({"a": ["x", None, "=1"], "b": [1.5, None, True], "c": [dt.date(2026, 1, 2), "=2", Decimal("1.50")]}, dtype=object)
    assert exporting.json_rows(found, dumps) == ['{"a": "x", "b": 1.5, "c": "2026-01-02"}', '{"a": null, "b": null, "c": "=2"}', '{"a": "=1", "b": true, "c": "1.50"}']
    assert exporting.write_csv(found, tmp_path / "a.csv", {}).read_bytes() == table_csv(found, tmp_path / "b.csv").read_bytes()


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    """What stands there stays where writing fails half way, and nothing is left beside it."""
    found, target = frame(50, USUAL, seed=1), tmp_path / "list.csv"
    target.write_text("before")
    monkeypatch.setattr(exporting, "ROWS", 10)
    real, parts = exporting._csv_column, []

    def full(part, name, exact):
        parts.append(name)
        if len(parts) > 20:
            raise OSError(28, "No space left on device")
        return real(part, name, exact)

    monkeypatch.setattr(exporting, "_csv_column", full)
    with pytest.raises(CannotRun, match="No space left on device"):
        exporting.write_csv(found, target, {}, ["amount"])
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"] and target.read_text() == "before"


def test_only_a_part_is_there_as_text_at_a_time(tmp_path, monkeypatch):
    sizes = []
    real = exporting.json_rows
    monkeypatch.setattr(exporting, "json_rows", lambda part, *more: sizes.append(len(part)) or real(part, *more))
    monkeypatch.setattr(exporting, "ROWS", 100)
    exporting.write_json(frame(250, USUAL, seed=2), tmp_path / "list.json", dumps, ["amount"])
    assert sizes == [100, 100, 50]
    assert len(json.loads((tmp_path / "list.json").read_text())) == 250
