"""Rows as documents, against a plain model (S0-28, S2-41), and what is put back on the rows."""

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules import rulesets
from invoice_rules.examining import examine
from invoice_rules.fields import Dated
from invoice_rules.grouping import _runs
from invoice_rules.linking import _dated, looked_up
from invoice_rules.references import kind
from invoice_rules.table import text_array, text_series

SPECTRA = rulesets.rule_set("spectra.invoices")
MULTI = {"rowMode": "multi"}
NUMBERS = st.sampled_from(["1", "2", "3", ""])
ROWS = st.lists(st.tuples(NUMBERS, st.sampled_from(["C1", "C2", ""])), min_size=1, max_size=12)


def frame(rows):
    cells = [(number, client, "11/30/2026" if number or client else "", "Reorder" if number or client else "", "1", "2.00") for number, client in rows]
    return pd.DataFrame(cells, columns=["Invoice number", "Client number", "Invoice date", "Type", "Quantity", "Unit price"])


def by_hand(rows):
    """Rows of one number are one document; a row without one continues the last numbered one if its client is blank or the same, else it stands alone."""
    groups, above = [], None
    for place, (number, client) in enumerate(rows):
        if number:
            above = place
            groups.append(("number", number))
        elif above is not None and client in ("", rows[above][1]):
            groups.append(groups[above])
        else:
            groups.append(("alone", place))
    order = list(dict.fromkeys(groups))
    return [order.index(group) for group in groups]


@settings(max_examples=25)
@given(ROWS)
def test_rows_belong_together_as_a_plain_model_says(rows):
    report = examine(frame(rows), SPECTRA, settings=MULTI)
    assert report.invoice.tolist() == by_hand(rows)
    assert len(report.rows) == len(set(report.invoice.tolist())) == report.invoices
    assert len(report.lines) == len(rows)


@settings(max_examples=25)
@given(ROWS)
def test_every_amount_is_in_one_document(rows):
    report = examine(frame(rows), SPECTRA, settings=MULTI)
    assert report.rows["amount"].sum() == 200 * len(rows) == report.lines["lineAmount"].sum()
    assert (np.bincount(report.line_invoice) * 200).tolist() == report.rows["amount"].tolist()


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["C1", "C2", ""]), min_size=1, max_size=10))
def test_without_numbers_neighbours_of_one_client_are_one_document(clients):
    cells = [(client, "11/30/2026", "Reorder", "1", "2.00") for client in clients]
    report = examine(pd.DataFrame(cells, columns=["Client number", "Invoice date", "Type", "Quantity", "Unit price"]), SPECTRA, settings=MULTI)
    wanted, last = [], None
    for client in clients:
        last = client if client or last is None else last
        wanted.append(last)
    runs = np.cumsum([0, *[a != b for a, b in itertools.pairwise(wanted)]])
    assert report.invoice.tolist() == runs.tolist()


SAID = st.lists(st.tuples(st.sampled_from(["C1", "C2", ""]), st.sampled_from(["a@co.co", "b@co.co", ""])), min_size=1, max_size=10)


@given(SAID, st.sets(st.integers(1, 9)))
def test_a_blank_identifier_agrees_with_the_rows_above_where_another_is_the_same(rows, apart):
    """S0-28: an invoice has the first client and the first e-mail that one of its rows names; a row that names another, or stands apart, begins the next."""
    wanted, number, have = [], -1, {}
    for at, said in enumerate(rows):
        named = {field: value for field, value in enumerate(said) if value}
        shared = named.keys() & have.keys()
        if at == 0 or at in apart or (named and not (shared and all(named[field] == have[field] for field in shared))):
            number, have = number + 1, {}
        have = {**named, **have}
        wanted.append(number)
    texts = [pa.array(cells, pa.large_string()) for cells in zip(*rows, strict=True)]
    assert _runs(texts, np.array([at in apart for at in range(1, len(rows))], bool)).tolist() == wanted


def test_an_email_on_the_first_row_alone_makes_no_second_invoice():
    """S0-28"""
    cells = [(client, mail, "11/30/2026", "Reorder", "1", price) for client, mail, price in [("C1", "a@co.co", "10.00"), ("C1", "", "20.00"), ("C1", "", "30.00"), ("C2", "", "5.00")]]
    report = examine(pd.DataFrame(cells, columns=["Client number", "Client e-mail", "Invoice date", "Type", "Quantity", "Unit price"]), SPECTRA, settings=MULTI)
    assert report.rows["amount"].tolist() == [6000, 500]


def test_a_problem_of_the_header_stands_where_its_cell_is():
    """The first filled cell of a document counts, and is marked, wherever it stands."""
    rows = pd.DataFrame(
        [("1", "", "", "Reorder", "1", "2"), ("1", "C1", "12/31/2026", "", "1", "2"), ("1", "C1", "12/30/2026", "Estimate", "1", "2")],
        columns=["Invoice number", "Client number", "Invoice date", "Type", "Quantity", "Unit price"],
    )
    report = examine(rows, SPECTRA, settings={**MULTI, "statusDueDate": "12/31/2026"})
    found = {(problem.rule, problem.field, problem.row) for problem in report.problems if problem.rule in ("header-differs", "unidentified", "status-date-alone")}
    assert found == {("header-differs", "invoiceDate", 4), ("header-differs", "invoiceType", 4), ("unidentified", "clientNumber", 2), ("status-date-alone", "statusDueDate", 2)}
    (differs,) = [problem for problem in report.problems if problem.field == "invoiceType" and problem.rule == "header-differs"]
    assert differs.message == 'Type is "Estimate" here and "Reorder" on row 2. These rows are one invoice, which has one Type.'


DAYS = st.dates(min_value=pd.Timestamp("2020-01-01").date(), max_value=pd.Timestamp("2020-03-01").date())


@given(st.lists(st.tuples(st.sampled_from(["A", "b"]), DAYS), max_size=6, unique=True), st.lists(st.tuples(st.sampled_from(["a", "B", "x"]), DAYS), max_size=6))
def test_dated_entries_are_found_as_a_plain_model_finds_them(entries, wanted):
    """S2-13: the latest on or before the date, else the earliest after it, which is told; and the entry of the closest date."""
    on_file = pd.DataFrame({"taxCode": pd.Series([code for code, _ in entries], dtype="str"), "from": pd.array([day for _, day in entries], dtype=pd.ArrowDtype(pa.date32()))})
    keys = pa.array([code for code, _ in wanted], pa.large_string())
    days = pd.Series(pd.array([day for _, day in wanted], dtype=pd.ArrowDtype(pa.date32())))
    at, later, nearest = _dated(Dated("taxRates", by="code", on="day"), on_file, keys, days)
    for place, (code, day) in enumerate(wanted):
        mine = [(since, number) for number, (other, since) in enumerate(entries) if other.lower() == code.lower()]
        before, after = [one for one in mine if one[0] <= day], [one for one in mine if one[0] > day]
        expected = max(before)[1] if before else min(after)[1] if after else -1
        assert at[place] == expected and later[place] == (bool(after) and not before)
        closest = min(mine, key=lambda one: (abs(one[0] - day), one[0] > day))[1] if mine else -1
        assert nearest[place] == closest


def test_codes_are_found_without_regard_to_case():
    """S2-38"""
    keys = pa.array(["Net30", "N60"], pa.large_string())
    assert looked_up(pa.array(["net30", "NET30", None, "x", "n60"], pa.large_string()), keys).tolist() == [0, 0, -1, -1, 1]
    assert looked_up(text_array(text_series(keys)), pa.array([], pa.large_string())).tolist() == [-1, -1]
    assert kind("terms").key == "terms"
