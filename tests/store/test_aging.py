"""The aging table, and the list of invoices by the fields of their rule set (S1-9, S0-30, S0-33, S2-43, X-17)."""

import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa

from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.store import aging, commit, invoices, left_out, open_store, tables
from invoice_rules.store.listing import count

BUCKETS = ("current", "1–30", "31–60", "61–90", "over 90")
AS_OF = dt.date(2026, 11, 22)
CLIENTS = pd.DataFrame({"Client number": ["C1", "C2"], "Last name": ["Miller", "Crane"]})


def imported(store, frame, rules, **settings):
    made = plan(examine(frame, rules, settings=settings, context=store.context(), today=AS_OF), store)
    commit(made)
    return made


@pytest.fixture
def studio(tmp_path):
    """Books with an open, a paid and a credited invoice, and an estimate."""
    store = open_store(tmp_path / "studio.sqlite")
    imported(store, CLIENTS, "spectra.clients")
    rows = [
        ("C1", "1", "09/13/2026", "10/01/2026", "Initial Order", "Album", "60.00", ""),
        ("C1", "2", "11/01/2026", "12/01/2026", "Reorder", "Frame", "21.75", ""),
        ("C2", "3", "10/15/2026", "", "Credit Memo", "Frame back", "100.00", ""),
        ("C2", "4", "10/15/2026", "", "Estimate", "Plan", "300.00", ""),
        ("C2", "5", "10/15/2026", "", "Reorder", "Album", "10.00", "0"),
    ]
    columns = ["Client number", "Invoice number", "Invoice date", "Payment due date", "Type", "Description", "Amount", "Open balance"]
    imported(store, pd.DataFrame(rows, columns=columns), "spectra.invoices", **{"paymentDueDate.order": "month-first"})
    return open_store(tmp_path / "studio.sqlite")


def test_open_balances_by_days_past_due_credits_below_zero_estimates_not_at_all(studio):
    found = aging(studio, as_of=AS_OF).set_index("customer")
    assert found.loc["C1", ["current", "1–30", "31–60", "total"]].tolist() == [2175, 0, 6000, 8175]
    assert found.loc["C2", ["31–60", "total"]].tolist() == [-10000, -10000]  # from the invoice date, where there is no due date
    assert found["customer_name"].tolist() == ["Miller", "Crane"]


def test_the_day_to_count_from_decides(studio):
    assert aging(studio, as_of=dt.date(2026, 11, 1)).set_index("customer").loc["C1", ["current", "1–30", "31–60"]].tolist() == [2175, 0, 6000]
    assert aging(studio, as_of=dt.date(2026, 10, 2)).set_index("customer").loc["C1", "1–30"] == 6000


def test_what_is_dated_after_the_day_is_left_out_and_told(studio):
    found = aging(studio, as_of=dt.date(2026, 10, 14))
    assert found[["customer", "total"]].values.tolist() == [["C1", 6000]]
    assert left_out(found) == "2 open invoices dated after 14 Oct 2026 are left out (USD -78.25)."
    assert left_out(aging(studio, as_of=dt.date(2026, 10, 31))) == "1 open invoice dated after 31 Oct 2026 is left out (USD 21.75)."
    assert left_out(aging(studio, as_of=dt.date(2026, 11, 1))) == ""
    nothing = aging(studio, as_of=dt.date(2026, 9, 12))
    assert nothing.empty and left_out(nothing).startswith("3 open invoices")


@pytest.fixture
def owed(url):
    """A function: the aging table of books with these open invoices, each said by what it differs in from one of Ann over five cents, due today."""

    def made(*rows: dict) -> pd.DataFrame:
        store = open_store(url)
        usual = {"customer": "A", "customer_name": "Ann", "currency": "USD", "amount": 5, "balance": 5, "due_date": AS_OF, "date": AS_OF, "status": "Open"}
        with store.engine.begin() as connection:
            names = dict.fromkeys(row.get("rules", "paystand.receivables") for row in rows)
            numbers = {name: number for number, name in enumerate(names, 1)}
            connection.execute(sa.insert(tables.rule_sets), [{"id": number, "name": name} for name, number in numbers.items()])
            entity = connection.execute(sa.select(tables.entities.c.id)).scalar_one()
            for at, row in enumerate(rows, 1):
                its = {**usual, **row, "rules": numbers[row.get("rules", "paystand.receivables")], "id": at, "entity": entity, "key": f"K{at}", "version": 1, "details": "{}"}
                its |= {name: its[name] and its[name].isoformat() for name in ("due_date", "date")}
                connection.execute(sa.insert(tables.invoices), {**its, "created": 1, "changed": 1, "in_force": 1})
        return aging(store, as_of=AS_OF)

    return made


def test_the_limits_of_the_buckets(owed):
    limits = {-5: "current", 0: "current", 1: "1–30", 30: "1–30", 31: "31–60", 60: "31–60", 61: "61–90", 90: "61–90", 91: "over 90", 4000: "over 90"}
    found = owed(*({"customer": f"C{late}", "due_date": AS_OF - dt.timedelta(late), "date": AS_OF - dt.timedelta(5000)} for late in limits)).set_index("customer")
    for late, bucket in limits.items():
        its = found.loc[f"C{late}"]
        assert (its[bucket], its["total"], its[list(BUCKETS)].sum()) == (5, 5, 5), late


def test_what_has_no_date_at_all_is_not_due_yet(owed):
    assert owed({"due_date": None, "date": None})["current"].tolist() == [5]


def test_currencies_are_never_mixed(owed):
    found = owed({"date": None}, {"due_date": None, "customer_name": None, "currency": "EUR", "balance": 7})
    assert found[["currency", "total", "customer_name"]].values.tolist() == [["EUR", 7, "Ann"], ["USD", 5, "Ann"]]


def who(found: pd.DataFrame) -> list[tuple]:
    """(system, customer, name, total) of each line."""
    return list(found[["system", "customer", "customer_name", "total"]].itertuples(index=False, name=None))


def test_customers_without_an_id_are_told_apart_by_name(owed):  # S1-9
    rows = [{"rules": "quickbooks.history", "status": "A/R aging", "customer": None, "customer_name": name} for name in ("Bill's", "Zoe's", "BILL'S ")]
    assert who(owed(*rows)) == [("quickbooks", "", "BILL'S ", 10), ("quickbooks", "", "Zoe's", 5)]


def test_a_customer_goes_by_the_name_on_the_latest_invoice_that_has_one(owed):
    earlier = AS_OF - dt.timedelta(9)
    rows = [{"customer_name": "Ann Miller"}, {"customer_name": "Ann Crane", "date": earlier}, {"customer_name": None, "balance": -2, "date": AS_OF}]
    assert who(owed(*rows)) == [("paystand", "A", "Ann Miller", 8)]


def test_the_same_id_in_two_systems_is_two_customers(owed):
    rows = [{"customer": "2", "customer_name": "Miller"}, {"rules": "spectra.invoices", "customer": "2", "customer_name": None, "balance": 7}, {"customer": "2", "customer_name": None, "balance": 1}]
    assert who(owed(*rows)) == [("paystand", "2", "Miller", 6), ("spectra", "2", "", 7)]


def test_what_is_paid_or_no_receivable_is_no_line(owed):
    assert owed({"balance": 0}, {"status": "Void"}, {"rules": "spectra.invoices", "status": "Estimate"}).empty


def test_sums_beyond_32_bits_are_exact(owed):
    assert owed(*({"balance": 9_007_199_254_740_993} for _ in range(3)))["total"].tolist() == [27_021_597_764_222_979]


def test_names_on_file_are_those_of_the_same_system(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    imported(store, CLIENTS, "spectra.clients")
    imported(store, pd.DataFrame([{"Client number": "C1", "Invoice number": "1", "Invoice date": "11/13/2026", "Type": "Reorder", "Amount": "30.00"}]), "spectra.invoices")
    due = {"amount": "8.00", "amountDue": "8.00", "date": "11/13/2026", "dateDue": "11/30/2026", "isCanceled": "no", "contactEmail": "a@miller.co"}
    other = {"invoiceId": "I-1", "invoiceNumber": "1", "customerName": "Somebody Else", "extCustomerId": "C1", **due}
    imported(store, pd.DataFrame([other]), "paystand.receivables")
    found = aging(store, as_of=AS_OF)
    assert found[["system", "customer_name", "total"]].values.tolist() == [["paystand", "Somebody Else", 800], ["spectra", "Miller", 3000]]


def test_nothing_open_is_an_empty_table(tmp_path):
    assert aging(open_store(tmp_path / "new.sqlite")).empty


def test_invoices_are_counted_as_they_are_listed(studio):
    for chosen in ({}, {"status": "Estimate"}, {"customer": "C1"}, {"since": dt.date(2026, 10, 15), "until": dt.date(2026, 10, 31)}, {"search": "c2"}, {"named": "1"}, {"rules": "paystand.receivables"}):
        assert count(studio, **chosen) == len(invoices(studio, **chosen))
    assert (invoices(studio, named="1")["key"].tolist(), count(studio, named=""), count(studio, named="C1")) == (["1"], 0, 0)
    assert invoices(studio, limit=2)["key"].tolist() == ["1", "3"]


def test_a_filter_that_there_is_not_chooses_nothing(studio):
    for ask in (invoices, count):
        with pytest.raises(TypeError, match="not chosen by statu, but by status, customer"):
            ask(studio, statu="Open")


def test_invoices_are_listed_by_the_fields_of_their_rule_set(studio):
    """S0-33: description (and status) are visible and can be looked for."""
    found = invoices(studio, rules="spectra.invoices", fields={"description": "album", "invoiceType": None})
    assert found[["key", "field.description", "field.invoiceType"]].values.tolist() == [["1", "Album", "Initial Order"], ["5", "Album", "Reorder"]]
    assert invoices(studio, status="Estimate")["key"].tolist() == ["4"]
    assert invoices(studio, rules="spectra.invoices", fields={"amount": "60.00"})["key"].tolist() == ["1"]


def test_a_field_called_like_a_column_of_the_list_leaves_that_alone(studio):
    """S0-33: the status of the studio's work is not the status of the invoice."""
    own = invoices(studio, rules="spectra.invoices")
    found = invoices(studio, rules="spectra.invoices", fields={"status": None, "amount": None, "currency": None})
    assert found[own.columns].equals(own) and found["field.amount"].iat[0] == "60.00" and set(found["field.status"]) == {""}
    assert invoices(studio, rules="spectra.invoices", fields={"status": "Open"}).empty


def test_fields_of_a_list_of_customers_find_no_invoice(studio):
    assert invoices(studio, rules="paystand.customers", fields={"contactFullName": None, "extCustomerId": "C-1"}).empty
