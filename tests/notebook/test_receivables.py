"""Figures and their tables: each currency for itself, words beside every bar, readable on dark and on paper."""

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest

from invoice_rules import CannotRun, open_store
from invoice_rules.notebook import Receivables
from invoice_rules.notebook.figures import INK, Drawn
from invoice_rules.notebook.receivables import NOBODY, _months, _short
from tests.notebook.made import RULES, SENDER, two_months
from tests.store.making import imported, rows_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def made(tmp_path):
    return Receivables(two_months(tmp_path), as_of="2026-12-15")


def figures(shown) -> list[Drawn]:
    return [part for part in shown.parts if isinstance(part, Drawn)]


def words(drawing: Drawn) -> list[str]:
    """The texts of a figure as they can be read."""
    return ["".join(text.itertext()) for text in ET.fromstring(drawing.svg()).iter(f"{SVG}text")]


def test_aging_is_what_the_store_says(made):  # S1-9
    (figure,) = figures(made.aging())
    found = made.open_items
    total = f"{int(found['total'].sum()) / 100:,.2f}"
    assert f"USD {total}" in repr(made.aging())
    read = words(figure)
    assert "Open receivables in USD, 15 Dec 2026" in read
    for name, label in (("current", "Not due yet"), ("over 90", "Over 90 days")):
        assert label in read
        assert f"{int(found[name].sum()) / 100:,.2f}" in read


def test_currencies_are_never_added(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    imported(store, rows_of(range(2), amount="1,000.00", amountDue="100.00"))
    imported(store, rows_of(range(2, 4), amount="5000", amountDue="2000"), settings={"currency": "JPY"}, name="japan.csv")
    made = Receivables(store, as_of=dt.date(2026, 12, 15))
    read = words(figures(made.aging())[0])
    assert {"Open receivables in USD, 15 Dec 2026", "Open receivables in JPY, 15 Dec 2026", "200.00", "4,000"} <= set(read)
    assert "Open by customer in JPY" in words(figures(made.customers())[0])
    assert made.aging().parts[2].rows[0][0] == "JPY"


def test_the_same_id_in_two_systems_is_shown_apart(tmp_path):
    import pandas as pd

    import invoice_rules

    store = open_store(tmp_path / "books.sqlite")
    imported(store, rows_of(range(1), extCustomerId="C1"))
    clients, orders = {"clientNumber": "C1", "lastName": "Somebody Else"}, {"clientNumber": "C1", "invoiceNumber": "1", "invoiceDate": "11/13/2026", "amount": "30.00"}
    for rules, cells in (("spectra.clients", clients), ("spectra.invoices", {**orders, "invoiceType": "Reorder"})):
        report = invoice_rules.examine(pd.DataFrame([cells]), rules, context=store.context())
        invoice_rules.commit(invoice_rules.plan(report, store))
    shown = Receivables(store, as_of=dt.date(2026, 12, 15)).customers()
    assert "2 customers with open items" in repr(shown)
    assert [row[:4] for row in shown.parts[2].rows][1] == ["C1", "Somebody Else", "spectra", "USD"]


def test_who_owes_most_comes_first(made):
    shown = made.customers(most=5)
    amounts = [float(row[-1].replace(",", "")) for row in shown.parts[2].rows]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 5
    assert "Open by customer in USD, the first 5 of 17" in words(figures(shown)[0])


def test_who_keeps_sending_what(made):
    found = made.told
    assert set(found["sender"]) == {SENDER}
    assert set(found["severity"]) <= {"error", "hold"}
    shown = made.problems(most=3)
    read = words(figures(shown)[0])
    assert "By rule" in read and "By sender" in read and SENDER in read
    assert any(re.fullmatch(r"\d+ others", text) for text in read)
    assert sum(int(row[-1]) for row in shown.parts[2].rows) == int(found["count"].sum())


def test_imports_by_day(made):
    shown = made.timeline()
    assert "2 imports on 1 day." in repr(shown)
    assert {"Created", "Updated", "Stayed out"} <= set(words(figures(shown)[0]))


def test_only_one_rule_set_where_one_is_asked_for(tmp_path):
    made = Receivables(two_months(tmp_path), rules="paystand.customers")
    assert repr(made.timeline()) == "Nothing was imported yet."
    assert len(Receivables(made.store, rules=RULES)._imports) == 2


def test_nothing_is_drawn_of_nothing(tmp_path):
    made = Receivables(open_store(tmp_path / "empty.sqlite"))
    for shown in (made.aging(), made.customers(), made.problems(), made.timeline()):
        assert not figures(shown)
    with pytest.raises(CannotRun, match='"soon" is no day'):
        Receivables(made.store, as_of="soon")


def test_figures_take_the_colour_of_the_text_around_them(made):
    for shown in (made.aging(), made.customers(), made.problems(), made.timeline()):
        (figure,) = figures(shown)
        drawing = figure.svg()
        assert INK.lower() not in drawing.lower()
        assert "currentColor" in drawing
        assert "#ffffff" not in drawing.lower(), "no white ground in the dark theme"
        assert 'role="img"' in figure.as_html()
        assert len(figure.says) > 20


def test_a_picture_for_a_report(made):
    picture = figures(made.aging())[0].png()
    assert picture.startswith(b"\x89PNG")


def test_names_of_customers_are_no_markup(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    imported(store, rows_of([1], customerName=r"$\frac{a}{b}$ <script>alert(1)</script>"))
    shown = Receivables(store, as_of="2026-12-15").customers()
    assert "<script" not in shown._repr_html_()
    assert any(r"\frac" in text for text in words(figures(shown)[0])), "no formula is made of a name"
    assert _short("x" * 99) == "x" * 33 + "…"


def test_months_have_no_gaps_and_two_years_at_most():
    assert _months([dt.date(2026, 1, 31), dt.date(2026, 3, 1)]) == [dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    assert len(_months([dt.date(2020, 1, 1), dt.date(2026, 1, 1)])) == 24
    assert NOBODY == "No sender named"
