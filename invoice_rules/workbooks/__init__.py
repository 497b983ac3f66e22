"""The workbooks that we write: the error workbook, listings, and the sheets under them. Nothing else in the project writes one (X-16)."""

from invoice_rules.workbooks.cells import Cells, Look, safe_text
from invoice_rules.workbooks.listings import table_csv, table_workbook, tables_workbook
from invoice_rules.workbooks.marked import mark_workbook
from invoice_rules.workbooks.placing import place, replaced, unless_there
from invoice_rules.workbooks.sheets import Sheet, write_sheets
from invoice_rules.workbooks.templates import template_bytes, template_workbook
from invoice_rules.workbooks.tofix import error_workbook

__all__ = [
    "Cells",
    "Look",
    "Sheet",
    "error_workbook",
    "mark_workbook",
    "place",
    "replaced",
    "safe_text",
    "table_csv",
    "table_workbook",
    "tables_workbook",
    "template_bytes",
    "template_workbook",
    "unless_there",
    "write_sheets",
]
