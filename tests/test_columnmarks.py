"""The decimal mark of a column: proven by it, by others of the file, given, or asked (X-12)."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest

from invoice_rules.examining import examine
from invoice_rules.problems import Severity

HEADINGS = ("clientNumber", "invoiceNumber", "invoiceDate", "invoiceType", "amount", "taxAmount", "currency")
LINES = ("clientNumber", "invoiceNumber", "invoiceDate", "invoiceType", "quantity", "unitPrice")
UNDECIDED, OF_OTHERS = "decimal-mark", "decimal-mark-of-others"


def checked(tmp_path, *amounts, headings=HEADINGS, **settings):
    """A workbook with an invoice a row; `amounts` are the cells behind the first four columns."""
    book = openpyxl.Workbook()
    book.active.append(headings)
    for number, cells in enumerate(amounts):
        book.active.append(["1042", f"{number + 1}", dt.date(2026, 11, 15), "Reorder", *cells])
    book.save(path := tmp_path / "amounts.xlsx")
    return examine(path, "spectra.invoices", settings={name.replace("__", "."): value for name, value in settings.items()}, today=dt.date(2026, 11, 22))


def told(report):
    return [(p.field, p.rule, p.severity) for p in report.problems if p.rule in (UNDECIDED, OF_OTHERS)]


def read(report, name="amount"):
    return report.rows[name].tolist()


def test_numbers_of_a_workbook_have_a_point_whatever_its_texts_have(tmp_path):
    cells = [("1.200,50",), (1200.5,), (99.95,), (1.2,)]
    assert read(checked(tmp_path, *cells)) == read(checked(tmp_path, *cells, amount__decimal="comma")) == [120050, 120050, 9995, 120]


def test_numbers_of_a_workbook_do_not_decide_for_its_texts(tmp_path):
    assert told(checked(tmp_path, ("1.200",), (99.95,))) == [("amount", UNDECIDED, Severity.HOLD)]
    assert read(checked(tmp_path, ("1.200",), (99.95,), ("2,5",))) == [120000, 9995, 250]


def test_quantities_and_prices_too(tmp_path):
    report = checked(tmp_path, (1000, "12,50"), (1000, 0.125), (1000, 3), headings=LINES, rowMode="multi")
    assert read(report) == [1250000, 12500, 300000]


def test_nothing_proves_the_mark(tmp_path):
    report = checked(tmp_path, ("1.200",), ("2.500",), ("30",))
    assert told(report) == [("amount", UNDECIDED, Severity.HOLD)] and report.blocked
    assert '"1.200" can be read two ways' in report.blocked[0].message


@pytest.mark.parametrize(("mark", "amounts"), [("comma", [120000, 250000]), ("point", [120, 250])])
def test_the_answer_settles_it(tmp_path, mark, amounts):
    report = checked(tmp_path, ("1.200",), ("2.500",), amount__decimal=mark)
    assert read(report) == amounts and told(report) == []


@pytest.mark.parametrize(("tax", "amounts"), [("1.130,50", [120000]), ("13.50", [120])])
def test_another_column_proves_it(tmp_path, tax, amounts):
    report = checked(tmp_path, ("1.200", tax))
    assert read(report) == amounts and told(report) == [("amount", OF_OTHERS, Severity.WARNING)] and not report.blocked


def test_a_comma_that_is_set_for_one_column_counts_for_others(tmp_path):
    report = checked(tmp_path, ("1.200", "1.130"), amount__decimal="comma")
    assert read(report, "taxAmount") == [113000] and told(report) == [("taxAmount", OF_OTHERS, Severity.WARNING)]


def test_a_thousands_comma_beside_decimal_commas_is_asked_about(tmp_path):
    report = checked(tmp_path, ("1,200", "13,50"))
    assert told(report) == [("amount", UNDECIDED, Severity.HOLD)]
    assert '"1,200" can be read two ways: the comma can stand' in report.blocked[0].message
    quantities = checked(tmp_path, ("1,500", "2,50", "13,75"), headings=(*LINES, "taxAmount"), rowMode="multi")
    assert read(quantities) == [375] and told(quantities) == [("quantity", OF_OTHERS, Severity.WARNING)]


def test_others_that_contradict_each_other_prove_nothing(tmp_path):
    headings = (*HEADINGS[:-1], "amountPaid")
    assert (UNDECIDED, Severity.HOLD) in [found[1:] for found in told(checked(tmp_path, ("1.200", "13.50", "10,50"), headings=headings))]


def test_thousands_commas_and_currencies_of_three_decimals_are_no_doubt(tmp_path):
    assert told(checked(tmp_path, ("1,200", "1.50"))) == told(checked(tmp_path, ("1,200",))) == []
    report = checked(tmp_path, ("1.200", "", "BHD"))
    assert told(report) == [] and read(report) == [1200]


def test_a_price_may_carry_the_symbol_of_its_currency_and_a_quantity_may_not(tmp_path):  # S3-8, X-17
    report = checked(tmp_path, ("2", "$25.00"), ("1", "$1,200.50"), headings=LINES, rowMode="multi")
    assert read(report) == [5000, 120050]
    assert read(checked(tmp_path, ("2", "£25.00"), headings=LINES, rowMode="multi", currency="GBP")) == [5000]
    for cells, currency in ((("$2", "25.00"), "USD"), (("2", "£25.00"), "USD"), (("2", "$25.00"), "EUR")):
        report = checked(tmp_path, cells, headings=LINES, rowMode="multi", currency=currency)
        assert [p.rule for p in report.problems if p.severity is Severity.ERROR] == ["number"]


def test_an_amount_may_carry_the_symbol_of_its_own_currency(tmp_path):  # S3-8, X-17
    cells = [("£200.00", "", "GBP"), ("1,200.50 €", "", "EUR"), ("¥500", "", "JPY"), ("£7", "", "EUR")]
    report = checked(tmp_path, *cells)
    assert report.rows["amount"].dropna().tolist() == [20000, 120050, 500]
    assert [(p.row, p.rule) for p in report.problems if p.field == "amount" and p.severity is Severity.ERROR] == [(5, "money")]
    assert read(checked(tmp_path, ("£200.00",), currency="GBP")) == [20000]


@pytest.mark.parametrize(("settings", "read_as"), [({}, [None, None, 1250, None]), ({"amount__decimal": "comma"}, [1250, None, None, None])])
def test_a_column_with_both_marks_leaves_what_can_be_read_two_ways(tmp_path, settings, read_as):
    """X-12: one value fits only the other mark, so the ambiguous ones are not guessed."""
    report = checked(tmp_path, ("12,50",), ("1,200",), ("12.50",), ("1.200",), **settings)
    assert report.rows["amount"].astype(object).where(report.rows["amount"].notna(), None).tolist() == read_as
    other, proof = ("point", 'row 4 ("12.50")') if settings else ("comma", 'row 2 ("12,50")')
    found = {p.row: p.message for p in report.problems if p.rule == UNDECIDED}
    assert list(found) == [3, 5] and all(p.severity is Severity.ERROR for p in report.problems if p.rule == UNDECIDED)
    assert f"for {proof} of the same column has a decimal {other}. Write" in found[5]
    assert ("Write 1.200,00 or 1,20," if settings else "Write 1,200.00 or 1.20,") in found[5]


def test_numbers_with_both_marks_too(tmp_path):
    report = checked(tmp_path, ("1,500", "2.00"), ("2.5", "2.00"), ("2,5", "2.00"), headings=LINES, rowMode="multi")
    assert [(p.row, p.rule) for p in report.problems if p.field == "quantity" and p.severity is Severity.ERROR] == [(2, UNDECIDED), (4, "number")]


def test_a_column_with_both_marks_proves_nothing_for_others(tmp_path):
    report = checked(tmp_path, ("1.200", "13.50"), ("2.500", "13,50"))
    assert ("amount", UNDECIDED, Severity.HOLD) in told(report)


def lined(tmp_path, *lines, extra=(), **settings):
    """A workbook of texts with a line a row: quantity, price, and what `extra` headings name."""
    return checked(tmp_path, *lines, headings=(*LINES, *extra), rowMode="multi", **settings)


@pytest.mark.parametrize(
    ("lines", "field", "sign"),
    [
        ([("1", "1.500"), ("2", "2.750")], "unitPrice", "point"),
        ([("1.500", "25"), ("2", "30")], "quantity", "point"),
        ([("1,500", "25"), ("2", "30")], "quantity", "comma"),
    ],
)
def test_quantities_and_prices_that_prove_nothing_are_asked_about(tmp_path, lines, field, sign):
    report = lined(tmp_path, *lines)
    assert told(report) == [(field, UNDECIDED, Severity.HOLD)]
    assert f"can be read two ways: the {sign} can stand" in report.blocked[0].message
    assert told(lined(tmp_path, *lines, **{f"{field}__decimal": "comma"})) == []


@pytest.mark.parametrize(("quantity", "price"), [("1", "1,500"), ("3", "25"), ("0.5", "2.75"), ("2.75", "12.50"), ("1,500", "2.50"), ("1,500.25", "2")])
def test_quantities_and_prices_without_a_doubt_are_not_asked_about(tmp_path, quantity, price):
    assert told(lined(tmp_path, (quantity, price))) == []


def test_a_quantity_or_price_is_decided_by_the_other_with_a_warning(tmp_path):
    for cells, field in ((("0.5", "1.500"), "unitPrice"), (("1.500", "12.50"), "quantity"), (("1,500", "12,50"), "quantity")):
        report = lined(tmp_path, cells)
        assert told(report) == [(field, OF_OTHERS, Severity.WARNING)] and not report.blocked
    assert told(lined(tmp_path, ("0.5", "12", "1.200"), extra=("taxAmount",))) == [("taxAmount", UNDECIDED, Severity.HOLD)]


def test_a_percentage_has_the_mark_of_its_column():
    frame = pd.DataFrame({"Customer_Code": ["C1"], "Line_Extension": ["1.234,56"], "Retention_Percent": ["10,5"]}, dtype="str")
    report = examine(frame, "spectrum.invoices", today=dt.date(2026, 11, 22))
    assert [str(value) for value in report.rows["Retention_Percent"]] == ["10.500000"]
