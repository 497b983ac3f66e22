"""Files that are the complete list of open items: what they may close, and what they may not (X-20, X-24)."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.problems import Finding
from invoice_rules.reading.assembling import CELLS
from invoice_rules.references import kind
from invoice_rules.store import commit, open_store, preview_list, save_lists
from tests.making import RECEIVABLES, mapped, table
from tests.store.making import imported, on_file, planned, rows_of

INVOICE = {"quickbooksId": "146", "companyFile": "Hollis", "invoiceNumber": "1039", "customerName": "Bill", "project": "P-1", "invoiceDate": "03/24/2026"}
AMOUNTS = {"total": "50.00", "balance": "50.00", "lineAmount": "50.00"}


def test_a_row_without_a_key_closes_nothing(store):
    imported(store, rows_of(range(3)))
    rows = [*rows_of([0]), *rows_of([1, 2], invoiceId="")]
    with pytest.raises(CannotRun, match=r"Without Invoice ID, rows 3 and 4 of the file may mean an open invoice .* Fill in their Invoice ID"):
        planned(store, rows, close_absent=True)
    assert planned(store, rows, open_items_complete=True).absent["key"].tolist() == ["INV-1002", "INV-1003"]


SHIFTED = {"invoiceId": "Inc", "invoiceNumber": "INV-1002", "amount": "1002"}


def shifted(rows, *positions, **more):
    """These rows with a comma too many somewhere before the key."""
    beyond = Finding(CELLS, at=np.array(positions), facts={"row": 3, "cells": "11 cells", "headings": "10 headings", "what": ""})
    return dataclasses.replace(table(rows), findings=(beyond,), **more)


def closed_by(store, read, **options):
    return plan(examine(read, RECEIVABLES, mapped(read.headings), options.pop("settings", None), store.context()), store, close_absent=True, **options)


@pytest.mark.parametrize("cells", [{"invoiceId": "1.23E+15"}, {"invoiceId": "=INV-1002"}, {"invoiceId": "inv-1002"}])
def test_a_row_whose_key_is_in_doubt_closes_nothing(store, cells):  # S3-5, S3-21
    imported(store, rows_of(range(3)))
    rows = [*rows_of([0, 2]), *rows_of([1], **cells)]
    where = "With Invoice ID in doubt, row 4 of the file may mean an open invoice that would be closed as absent. Put right or confirm what is told of row 4, or"
    with pytest.raises(CannotRun, match=where):
        planned(store, rows, close_absent=True)
    assert planned(store, rows, open_items_complete=True).absent["key"].tolist() == ["INV-1002"]
    assert set(on_file(store, "status").values()) == {("Open",)}


def test_a_row_that_does_not_fit_under_the_headings_closes_nothing(store):
    imported(store, rows_of(range(3)))
    rows = [*rows_of([0]), *rows_of([1], **SHIFTED), *rows_of([2], invoiceId="")]
    with pytest.raises(CannotRun, match="rows 3 and 4 of the file may mean an open invoice"):
        closed_by(store, shifted(rows, 1))
    with pytest.raises(CannotRun, match="row 3 of the file may mean an open invoice"):
        closed_by(store, shifted(rows[:2], 1, hidden=np.array([False, True])), settings={"rows": "visible"})


def test_a_number_that_was_confirmed_to_be_another_one_hinders_no_closing(store):  # S3-21
    imported(store, rows_of(range(2)))
    made = imported(store, rows_of([0], invoiceId="inv-1001"), close_absent=True, accept=["number-again"])
    assert made.details["closed"] == 2 and on_file(store, "status")["inv-1001"] == ("Open",)


def test_a_row_in_doubt_is_no_matter_where_nothing_would_be_closed(store):
    imported(store, rows_of(range(2)))
    assert len(planned(store, [*rows_of(range(2)), *rows_of([2], invoiceId="1.23E+15")], close_absent=True).absent) == 0


def test_a_key_that_stands_twice_or_was_imported_before_is_certain(store):
    imported(store, rows_of(range(3)))
    assert planned(store, [*rows_of([0]), *rows_of([0])], close_absent=True).absent["key"].tolist() == ["INV-1002", "INV-1003"]


def test_absent_invoices_in_closed_books_are_closed_only_where_that_is_accepted(store):
    imported(store, [*rows_of([0]), *rows_of([1], date="10/30/2026"), *rows_of([2], date="11/01/2026")])
    store.set_entity(closed_until="2026-10-31")
    rest = rows_of([0])
    assert planned(store, rest, open_items_complete=True).absent["key"].tolist() == ["INV-1002", "INV-1003"]
    with pytest.raises(CannotRun, match="1 absent invoice would be closed in them: INV-1002. Ask an administrator to accept closed-books"):
        planned(store, rest, close_absent=True)
    made = imported(store, rest, close_absent=True, accept=["closed-books"])
    assert made.details["accepted_holds"] == ["closed-books"] and made.details["closed"] == 2
    assert on_file(store, "status")["INV-1002"] == ("Paid",)


def test_only_an_administrator_closes_in_closed_books(lite, monkeypatch):
    store = lite()
    imported(store, rows_of(range(2)))
    store.set_entity(closed_until="2026-12-31")
    assert planned(store, rows_of([0]), close_absent=True, accept=["closed-books"]).accepted_holds == ("closed-books",)
    store.grant("somebody else", "importer")
    monkeypatch.setattr("invoice_rules.store.roles.who", lambda connection: "somebody else")
    with pytest.raises(CannotRun, match="Closing invoices in closed books needs the role administrator"):
        planned(store, rows_of([0]), close_absent=True, accept=["closed-books"])


def test_what_is_dated_after_the_closed_day_needs_nobody(store):
    imported(store, [*rows_of([0]), *rows_of([1], date="11/01/2026")])
    store.set_entity(closed_until="2026-10-31")
    made = imported(store, rows_of([0]), close_absent=True, accept=["closed-books"])
    assert made.details["closed"] == 1 and made.details["accepted_holds"] == []


def test_what_is_open_is_what_the_rule_set_calls_receivable(store):  # X-20, S1-9
    two = stored_history(store, "146", "147")
    report = examine(pd.DataFrame(two[:1]), "quickbooks.history", context=store.context())
    found = plan(report, store, close_absent=True, all_or_nothing=False)
    assert found.absent["key"].tolist() == ["Hollis/147"] and found.summary().endswith("1 absent invoice to close as Closed.")
    made = commit(found)
    assert [made.totals[word]["USD"]["balance"] for word in ("opening", "closed", "closing")] == ["100.00", "50.00", "50.00"]
    assert on_file(store, "status", "balance") == {"Hollis/146": ("A/R aging", 5_000), "Hollis/147": ("Closed", 0)}


def stored_history(store, *ids, **cells):
    """Open invoices of QuickBooks on file, one an id; returns their rows."""
    projects = examine(pd.DataFrame({"project": ["P-1"]}), kind("projects"), context=store.context())
    save_lists([preview_list(projects, store)], store)
    rows = [{**INVOICE, **AMOUNTS, "quickbooksId": name, "invoiceNumber": name, **cells} for name in ids]
    commit(plan(examine(pd.DataFrame(rows), "quickbooks.history", context=store.context()), store))
    return rows


def absent_from(store, rows, **settings):
    report = examine(pd.DataFrame(rows), "quickbooks.history", settings=settings, context=store.context())
    return plan(report, store, open_items_complete=True, all_or_nothing=False).absent["key"].tolist()


@pytest.mark.parametrize(
    ("cells", "settings"),
    [({"invoiceDate": "12/24/2025"}, {"from": "2026-01-01"}), ({"invoiceDate": "12/24/2026"}, {"to": "2026-10-01"}), ({"voided": "yes"}, {})],
)
def test_what_a_filter_leaves_out_is_not_absent(store, cells, settings):  # X-20, S1-3, S1-9
    first, second, _ = stored_history(store, "146", "147", "148")
    assert absent_from(store, [first, {**second, **cells}], **settings) == ["Hollis/148"]


def test_a_row_without_a_key_that_a_filter_leaves_out_closes_nothing(store):
    first, second = stored_history(store, "146", "147")
    report = examine(pd.DataFrame([first, {**second, "quickbooksId": "", "voided": "yes"}]), "quickbooks.history", context=store.context())
    with pytest.raises(CannotRun, match=r"Without QuickBooks ID, row 3 of the file may mean an open invoice"):
        plan(report, store, close_absent=True, all_or_nothing=False)


def hidden_rows(store, rows, *hidden):
    read = dataclasses.replace(table(rows), hidden=np.isin(np.arange(len(rows)), hidden))
    return examine(read, RECEIVABLES, mapped(read.headings), {"rows": "visible"}, store.context())


def test_what_is_hidden_in_the_sheet_is_not_absent(store):
    imported(store, rows_of(range(4)))
    report = hidden_rows(store, rows_of(range(3)), 1, 2)
    made = commit(plan(report, store, close_absent=True))
    assert (made.details["closed"], made.details["rows"], made.details["hidden"]) == (1, 1, 2)
    assert {key for key, (status,) in on_file(store, "status").items() if status == "Open"} == {"INV-1001", "INV-1002", "INV-1003"}


def test_a_hidden_row_without_a_key_closes_nothing(store):
    imported(store, rows_of(range(3)))
    report = hidden_rows(store, [*rows_of([0]), *rows_of([1], invoiceId="")], 1)
    with pytest.raises(CannotRun, match=r"Without Invoice ID, row 3 of the file may mean an open invoice"):
        plan(report, store, close_absent=True)


def test_a_key_that_is_made_of_the_contents_names_what_is_on_file_under_it(store):  # X-20, S0-29
    clients = examine(pd.DataFrame({"clientNumber": ["1042"], "lastName": ["Miller"]}), "spectra.clients", context=store.context())
    commit(plan(clients, store))
    rows = [{"clientNumber": "1042", "invoiceDate": "11/20/2026", "invoiceType": "Reorder", "amount": amount} for amount in ("20.00", "30.00")]
    commit(plan(examine(pd.DataFrame(rows), "spectra.invoices", context=store.context()), store))
    again = examine(pd.DataFrame(rows[:1]), "spectra.invoices", context=store.context())
    assert plan(again, store, open_items_complete=True).absent["key"].tolist() == ["1042/2026-11-20/3000"]


@pytest.mark.parametrize(("rules", "title"), [("autotask.invoices", "Autotask"), ("spectrum.invoices", "Spectrum"), ("paystand.customers", "Paystand")])
@pytest.mark.parametrize("option", ["open_items_complete", "close_absent"])
def test_documents_without_a_balance_have_no_list_of_open_items(tmp_path, rules, title, option):
    books = open_store(tmp_path / "books.sqlite")
    report = examine(pd.DataFrame({"Remarks": ["x"]}), rules, context=books.context())
    with pytest.raises(CannotRun, match=f"^{title}.* has no balance here, so no file can be their complete list of open items"):
        plan(report, books, **{option: True})


def test_a_file_without_the_column_of_keys_names_nothing(store):
    imported(store, rows_of(range(2)))
    nameless = [{name: cell for name, cell in row.items() if name != "invoiceId"} for row in rows_of([0])]
    for option in ({}, {"open_items_complete": True}, {"close_absent": True}):
        found = planned(store, nameless, **option)
        assert found.absent is None and not found.close_absent and found.summary() == "Of 1 invoice: 1 to reject."
        assert found.to_frame()[["key", "outcome"]].values.tolist() == [[None, "rejected"]]
    assert set(on_file(store, "status").values()) == {("Open",)}
