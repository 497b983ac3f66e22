"""A block of cells is checked like any file (X-1), and the answer is a block of cells."""

import datetime as dt

import pytest

import invoice_rules
from addin.functions import HEADINGS, check_range

FIELDS = ["invoiceId", "invoiceNumber", "amount", "amountDue", "customerName", "extCustomerId", "date", "dateDue", "isCanceled", "contactEmail"]


def row(**cells):
    """A good row as a spreadsheet hands it over, with some cells replaced."""
    day = dt.datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    good = dict(zip(FIELDS, ["INV-1", "1001", 1000.0, 250.0, "Miller Studio", "C-4711", day, day, False, "ap@miller.com"], strict=True))
    return list((good | cells).values())


def test_a_good_block_has_no_errors():
    answer = check_range([FIELDS, row(), row(invoiceId="INV-2", invoiceNumber="1002", amount=70.0, amountDue=70.0)], "paystand.receivables")
    assert answer[0] == list(HEADINGS)
    assert [line for line in answer[1:] if line[3] in ("error", "hold")] == []


def test_problems_name_the_row_and_the_cell():
    answer = check_range([FIELDS, row(), row(invoiceId="INV-2", amountDue=1200.0)], "paystand.receivables")
    (error,) = [line for line in answer if line[3] == "error"]
    assert error[:3] == [3, "D3", "amountDue"]
    assert error[4].startswith("Amount due (1,200.00) is more than the amount (1,000.00).")  # S3-10


def test_the_same_problems_as_a_file_has(tmp_path):
    """X-1: the add-in and the command line say the same of the same cells."""
    cells = [FIELDS, row(isCanceled="maybe", contactEmail="ap@acme"), row(invoiceId="INV-2", extCustomerId=None)]
    text = [[cell.strftime("%m/%d/%Y") if isinstance(cell, dt.datetime) else "" if cell is None else str(cell) for cell in line] for line in cells]
    file = tmp_path / "may.csv"
    file.write_text("\n".join(",".join(line) for line in text) + "\n", encoding="utf-8")
    of_file = {(p.row, p.cell, p.field, p.rule) for p in invoice_rules.examine(file, "paystand.receivables").problems if p.severity == 4}
    of_sheet = {(line[0], line[1], line[2]) for line in check_range(cells, "paystand.receivables") if line[3] == "error"}
    assert of_sheet == {problem[:3] for problem in of_file}
    assert {"isCanceled", "contactEmail", "extCustomerId"} <= {field for _, _, field in of_sheet}


@pytest.mark.parametrize("values", [[], [[None, None]]])
def test_nothing_selected_is_told(values):
    with pytest.raises(invoice_rules.CannotRun, match="nothing to check"):
        check_range(values, "paystand.receivables")
