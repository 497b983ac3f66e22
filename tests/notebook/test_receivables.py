"""Figures and their tables: each currency for itself, words beside every bar, readable on dark and on paper."""

import datetime as dt
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

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


def overprinted(figure: Drawn) -> int:
    """How many labels of a figure's time axes reach into the next one."""
    figure.figure.draw_without_rendering()
    boxes = [[text.get_window_extent() for text in axes.get_xticklabels() if text.get_text()] for axes in figure.figure.axes]
    return sum(bool(one.x1 > other.x0) for of_axes in boxes for one, other in pairwise(of_axes))


@pytest.mark.parametrize("count", [2, 6, 7, 8, 12, 24, 30])
def test_days_and_months_do_not_overprint_each_other(made, count):
    (first, second), noon = made._imports, dt.datetime(2026, 11, 15, 12, tzinfo=dt.UTC)
    of_days = [replace(first, at=(noon - dt.timedelta(days=ago)).isoformat()) for ago in range(count)]
    of_months = [replace(second, at=(noon - dt.timedelta(days=30.4 * ago)).isoformat(), sender="MM & Sons Accounting Services Ltd " * 2) for ago in range(count)]
    made.__dict__["_imports"] = of_days
    assert not overprinted(figures(made.timeline())[0])
    made.__dict__["_imports"] = of_months
    assert not overprinted(figures(made.problems())[0])


def test_a_customer_alone_in_a_currency_has_a_bar_like_the_others(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    for number in range(5):
        imported(store, rows_of([number], extCustomerId=f"C-{number}", amountDue="100.00"), name=f"{number}.csv")
    imported(store, rows_of([9], amount="5000", amountDue="2000"), settings={"currency": "JPY"}, name="japan.csv")
    for shown in (Receivables(store).customers(), Receivables(store).aging()):
        (figure,) = figures(shown)
        figure.figure.draw_without_rendering()
        heights = [bar.get_window_extent().height / figure.figure.dpi for axes in figure.figure.axes for bar in axes.patches]
        assert max(heights) - min(heights) < 0.01
        assert 0.15 < max(heights) < 0.3, "in inches"


def test_months_that_are_not_drawn_are_not_counted(made):
    first, second = made._imports
    counts = [sum(one["count"] for one in its.details["problems"] if one["severity"] in ("error", "hold")) for its in (first, second)]
    made.__dict__["_imports"] = [replace(first, at="2020-01-15T12:00:00+00:00"), second]
    shown = made.problems()
    assert f"{counts[1]:,} errors and holds of 24 months" in repr(shown)
    assert f"{sum(counts):,} errors and holds in 2 imports." in repr(shown)


def test_one_is_told_as_one(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    imported(store, rows_of([1]))
    imported(store, rows_of([2], amountDue="9999999.00"), name="wrong.csv")
    made = Receivables(store)
    assert "1 document was created." in repr(made.timeline())
    assert "1 error or hold of 1 month" in repr(made.problems()) and "1 error or hold in 2 imports." in repr(made.problems())


def test_rules_that_nobody_knows_are_told(made):
    with pytest.raises(CannotRun, match=r"no rule set named 'paystand.receivable'. There are: .*paystand.receivables"):
        Receivables(made.store, rules="paystand.receivable")


def test_months_have_no_gaps_and_two_years_at_most():
    assert _months([dt.date(2026, 1, 31), dt.date(2026, 3, 1)]) == [dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    assert len(_months([dt.date(2020, 1, 1), dt.date(2026, 1, 1)])) == 24
    assert NOBODY == "No sender named"
