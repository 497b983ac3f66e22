"""Which row holds the headings (S0-8, X-13), and which rows are no data (X-22)."""

import pytest

from invoice_rules.problems import Severity
from invoice_rules.reading import read
from invoice_rules.reading.headings import find_headings, wanted
from invoice_rules.rulesets import rule_set
from tests.reading.files import cells, refusal, told

ROWS = b"INV-1,Acme,2026-01-02,5.00\nINV-2,Bo,2026-01-03,6.00\nINV-3,Cy,2026-01-04,7.00\n"


def test_titles_above_the_headings_are_skipped_and_told():
    table = read(("a.csv", b"Open items\nPrinted 2026-01-05,,,\n\nInvoice,Customer,Date,Amount\n" + ROWS))
    assert table.origin.header_row == 4 and list(table.frame.index) == [5, 6, 7]
    assert told(table, "headings") == ['The headings stand on row 4. What is above them is left out: "Open items"; "Printed 2026-01-05".']
    assert table.origin.address(5, 0) == "A5" and table.origin.address(None, 3) == "D4"


def test_a_file_without_headings_says_so():
    table = read(("a.csv", ROWS))
    assert table.headings == ("A", "B", "C", "D") and len(table) == 3 and table.origin.header_row is None
    assert list(table.frame.index) == [1, 2, 3] and "no row of headings" in told(table, "headings")[0]


def test_the_user_may_say_where_they_are():
    """S0-8."""
    assert len(read(("a.csv", b"Invoice,Amount\n1,2\n"), header="none")) == 2
    assert read(("a.csv", b"x,y\nInvoice,Amount\n1,2\n"), header=2).headings == ("Invoice", "Amount")
    assert "no headings on row 9" in refusal(("a.csv", b"a,b\n1,2\n"), header=9)
    assert '"top" names no row' in refusal(("a.csv", b"a,b\n1,2\n"), header="top")


def test_headings_known_to_the_rule_set_win():
    rules = rule_set("paystand.receivables")
    table = read(("a.csv", b"Statement,of,all,accounts\nInvoice ID,Amount due,Customer ID,Due date\n" + ROWS), rules=rules)
    assert table.origin.header_row == 2


def test_years_may_be_headings():
    assert read(("a.csv", b"Customer,2024,2025,2026\nAcme,1,2,3\nBo,4,5,6\n")).headings == ("Customer", "2024", "2025", "2026")


def test_headings_are_trimmed_and_doubles_named():
    table = read(("a.csv", b" Invoice , Net\n,Amount,amount\n1,2,3,4\n".replace(b"\n,", b" ,", 1)))
    assert table.headings == ("Invoice", "Net", "Amount", "amount")
    assert told(table, "headings") == ['Columns C and D are both called "Amount". Choose between them by their letters.']


@pytest.mark.parametrize(
    ("tail", "left", "totals"),
    [
        (b"Total,,,18.00\n", 1, [5]),
        (b"Grand Total:,,3,18.00\n", 1, [5]),
        (b",,,18.00\n", 1, [5]),
        (b",,Summe,18.00\n\nEnd of report,,,\n", 2, [5]),
        (b"* all amounts in USD,,,\n", 1, []),
        (b",,,\xc2\xa9 Copyright Acme 2026\n", 1, []),
        (b"\nThis file was made by hand\n", 1, []),
    ],
)
def test_totals_and_notes_at_the_end_are_left_out(tail, left, totals):
    """X-22: each told with its row and content, totals kept apart."""
    table = read(("a.csv", b"Invoice,Customer,Date,Amount\n" + ROWS + tail))
    assert len(table) == 3 and list(table.totals) == totals
    notices = [found for found in table.findings if found.rule.id == "left-out"]
    assert len(notices) == left and all(found.weight == Severity.NOTICE for found in notices)


def test_subtotals_between_the_rows_are_left_out():
    text = b"Customer,Invoice,Date,Amount\nAcme,1,2026-01-01,5\nAcme,2,2026-01-01,6\nAcme Total,,,11\nBo,3,2026-01-01,7\nBo Total,,,7\nGrand Total,,,18\n"
    table = read(("a.csv", text))
    assert [row[1] for row in cells(table)] == ["1", "2", "3"] and list(table.totals) == [4, 6, 7]
    assert table.totals[7] == ("Grand Total", "", "", "18")


@pytest.mark.parametrize(
    "row",
    [
        b"INV-4,Total Energies,2026-01-05,8.00\n",
        b"INV-4,,,\n",
        b",,2026-01-05,3.00\n",
        b",,,4.00\n",
        b"Total Energies,,,8.00\n",
        b"INV-4,Acme\n",
        b"Acme Ltd,,,\n",
    ],
)
def test_in_doubt_a_row_is_data(row):
    assert len(read(("a.csv", b"Invoice,Customer,Date,Amount\n" + ROWS + row))) == 4


SPECTRA = b"clientNumber,invoiceNumber,invoiceDate,itemDescription,quantity,unitPrice,lineAmount\n1042,1,11/15/2026,Print,2,25.00,50.00\n1042,1,,Frame,1,30.00,30.00\n"
SPECTRUM = b"Company_Code,Invoice_Or_Transaction,Invoice_Date,Detail_Description,Line_Extension,Message\nABC,1,05/24/2026,An Item,20.00,\n,,,Other,30.00,\n"


@pytest.mark.parametrize(
    ("rules", "text", "row"),
    [
        ("spectra.invoices", SPECTRA, b"1042,1,,Balance,,,150.00\n"),
        ("spectra.invoices", SPECTRA, b",1,,Total,,,150.00\n"),
        ("spectra.invoices", SPECTRA, b"1042,,,Balance,1,,150.00\n"),
        ("spectra.invoices", SPECTRA, b",,,Balance,1,150.00,150.00\n"),
        ("spectra.invoices", SPECTRA, b",2,,,,,80.00\n"),
        ("spectrum.invoices", SPECTRUM, b",1,,Balance,20.00,\n"),
        ("spectrum.invoices", SPECTRUM, b",,,,,Note: call before you deliver\n"),
    ],
)
def test_a_row_of_a_document_is_no_total_and_no_note(rules, text, row):
    """X-2, X-22: it says whose it is, what one piece costs, or is the text of a line."""
    table = read(("a.csv", text + row), rules=rule_set(rules))
    assert len(table) == 3 and not table.totals and not told(table, "left-out")


@pytest.mark.parametrize(
    ("rules", "text", "row"),
    [
        ("spectra.invoices", SPECTRA, b"Total,,,,3,,80.00\n"),
        ("spectra.invoices", SPECTRA, b",,,Total,,,80.00\n"),
        ("spectra.invoices", SPECTRA, b"* all amounts in USD,,,,,,\n"),
        ("spectrum.invoices", SPECTRUM, b",,,Total,50.00,\n"),
        ("spectrum.invoices", SPECTRUM, b"Note: amounts in USD,,,,,\n"),
    ],
)
def test_totals_and_notes_below_lines_are_left_out_still(rules, text, row):
    """X-22"""
    table = read(("a.csv", text + row), rules=rule_set(rules))
    assert len(table) == 2 and len(told(table, "left-out")) == 1


def test_an_error_workbook_of_ours_has_headings_even_of_a_file_without(tmp_path):
    """S0-8, S0-26: whatever a saved mapping says of the headings."""
    head = [["A", "B", "Source row", "Status", "Reasons"], ["1042", "5.00", "1", "1 error", "…"]]
    assert wanted("none", head, [1, 2], frozenset(), "to fix.xlsx").at == 0
    assert find_headings(head).at == 0
    assert wanted("none", [row[:2] for row in head], [1, 2], frozenset(), "old.csv").at is None
