"""Small files for the tests of `reading`, made as the tests run."""

import io
import zipfile

import openpyxl
import xlsxwriter

from invoice_rules.errors import CannotRun
from invoice_rules.problems import filled
from invoice_rules.reading import read

SHEET = "xl/worksheets/sheet1.xml"


def told(table, rule: str = "") -> list[str]:
    """The messages of a table's findings, all or those of one rule."""
    out = []
    for found in table.findings:
        if rule in ("", found.rule.id):
            for at in [-1] if found.at is None else found.at:
                value = "" if found.at is None else table.shown(int(at), found.column or 0)
                out.append(filled(found.rule.message, found.facts(int(at), value) if callable(found.facts) else found.facts))
    return out


def refusal(source, **options) -> str:
    """The message with which `read` refuses."""
    try:
        read(source, **options)
    except CannotRun as error:
        return str(error)
    raise AssertionError("it was read")


def cells(table) -> list[list[str]]:
    return table.frame.to_numpy(object).tolist()


def workbook(rows, sheet: str = "Data", **more) -> bytes:
    """An .xlsx with these rows; `more` are further sheets by name."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for name, content in {sheet: rows, **more}.items():
        its = book[name] if name in book.sheetnames else book.create_sheet(name)
        for row in content:
            its.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written(fill) -> bytes:
    """An .xlsx that `fill(workbook, worksheet)` writes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book, book.add_worksheet("Data"))
    book.close()
    return out.getvalue()


def patched(data: bytes, change, part: str = SHEET, more: dict[str, bytes] | None = None) -> bytes:
    """The workbook with one part changed by `change(bytes) -> bytes`, and more parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return out.getvalue()
