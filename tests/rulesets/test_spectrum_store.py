"""Spectrum invoices in a real store: sample lists looked up, lines kept in order, numbers known again, no password anywhere (S2-2 … S2-46)."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from invoice_rules.cli import app
from invoice_rules.examining import examine
from invoice_rules.planning import plan
from invoice_rules.problems import Severity
from invoice_rules.results import Outcome
from invoice_rules.samples.references import INVOICE, REFERENCES, build_reference_samples, sample_invoice
from invoice_rules.store import check, commit, open_store
from invoice_rules.store.tables import invoices

RULES = "spectrum.invoices"
SECRET = "CANARY-PASSWORD-7"


def command(*words, store: Path, code: int = 0):
    done = CliRunner().invoke(app, ["--store", str(store), *map(str, words)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def lists(tmp_path_factory) -> Path:
    """A folder with the samples, and a store into which the lists were imported."""
    folder = tmp_path_factory.mktemp("spectrum")
    assert build_reference_samples(folder) == folder / REFERENCES
    said = command("reference", "import", "all", folder / REFERENCES, "--yes", store=folder / "lists.sqlite").output
    assert "Left alone" not in said and "warning" not in said and "error" not in said
    return folder


@pytest.fixture
def store(lists, tmp_path):
    path = tmp_path / "books.sqlite"
    path.write_bytes((lists / "lists.sqlite").read_bytes())
    return open_store(path)


def made(*invoices: dict) -> tuple[str, bytes]:
    return "invoices.json", json.dumps({"arInvoices": list(invoices)}).encode()


def sample(**more) -> dict:
    return {**json.loads(sample_invoice())["arInvoices"][0], **more}


def imported(store, source):
    return commit(plan(examine(source, RULES, context=store.context()), store, user="ada"))


def on_file(store) -> dict[str, tuple]:
    with store.reading() as connection:
        rows = connection.execute(sa.select(invoices).where(invoices.c.in_force == 1).order_by(invoices.c.key)).mappings().all()
    return {row["key"]: (row["number"], row["customer"], row["amount"], row["status"], json.loads(row["details"])) for row in rows}


def test_the_sample_goes_in_with_every_code_looked_up(store, lists):
    """S2-43, S2-45, S2-46"""
    report = examine(lists / INVOICE, RULES, context=store.context())
    assert [(p.rule, p.severity) for p in report.problems if p.severity >= Severity.WARNING] == [("bare-line", Severity.WARNING)]
    sources = {(fill.field, fill.source) for fill in report.fills}
    assert sources >= {("Salesperson_Code", "customer"), ("Sales_Tax_Code", "customer"), ("AR_GL_Account", "company"), ("GL_Account", "company")}
    assert not [p for p in report.problems if p.rule in ("lists-unseen", "none-on-file")]
    commit(plan(report, store, user="ada"))
    ((number, customer, amount, status, details),) = on_file(store).values()
    assert (number, customer, amount, status) == ("081317_1", "007Cor", 1_891_00, "Staged")
    assert (details["Sales_Tax_Code"], details["Sales_Tax_Amount"], details["AR_GL_Account"]) == ("OHIO", 53_79, "112000")
    assert check(store) == []


def test_lines_are_kept_in_order_and_a_remark_is_a_line_of_its_own(store):
    """S2-31, S2-33: identical lines stay; a remark beside an amount follows it."""
    first, remark, *rest = sample()["invoiceDetails"]
    imported(store, made(sample(invoiceDetails=[first, first, remark, {**first, "Message": "With a remark"}, *rest])))
    (stored,) = on_file(store).values()
    lines = [(line["Line_Extension"], line["Message"], line["Detail_Description"]) for line in stored[4]["lines"]]
    item = (467_75, None, "An Item")
    assert lines[:5] == [item, item, (0, "Here is a message", None), item, (None, "With a remark", None)]
    assert [line[0] for line in lines[5:]] == [467_75, 20_00, 467_75, 467_75]


def test_credit_memos_are_stored_below_zero(store):
    """S2-10, S0-30"""
    imported(store, made(sample(Transaction_Type="C")))
    ((_, _, amount, status, details),) = on_file(store).values()
    assert (amount, status, details["Transaction_Type"]) == (-1_891_00, "Staged", "C")
    assert sum(line["Line_Extension"] or 0 for line in details["lines"]) == 1_891_00


def test_a_number_is_known_again_in_its_company_alone(store, tmp_path):
    """S2-9, S2-42: a second import changes nothing; another company may use the number, and keys of both are told apart."""
    imported(store, made(sample()))
    before = on_file(store)
    again = plan(examine(made(sample(Transaction_Type="C", Customer_Code="HARBOR")), RULES, context=store.context()), store, user="ada")
    assert [(p.field, p.rule) for p in again.report.problems if p.severity == Severity.ERROR] == [("Invoice_Or_Transaction", "exists")]
    assert again.count(Outcome.REJECTED) == 1 and on_file(store) == before
    other = tmp_path / "companies.csv"
    other.write_text("Company,A/R account,G/L account,Cost centers\nXYZ,112000,401000,yes\n")
    command("reference", "import", "companies", other, "--yes", store=Path(store.address.path))
    both = open_store(store.address.path)
    imported(both, made(sample(Company_Code="xyz")))
    assert list(on_file(both)) == ["ABC/081317_1", "XYZ/081317_1"]


def test_no_password_in_any_file_of_ours(lists, store, tmp_path):
    """S2-2: not in the store, its receipts, the workbook of what stayed out or a converted file; no marked copy is made."""
    book = openpyxl.Workbook()
    header = sample()
    lines = header.pop("invoiceDetails")
    book.active.append(["Authorization ID", *header, *lines[0]])
    for line in lines:
        book.active.append([SECRET, *header.values(), *line.values()])
    book.active.append([SECRET, *{**header, "Invoice_Or_Transaction": "2", "Customer_Code": "NOBODY"}.values(), *lines[0].values()])
    folder = tmp_path / "out"
    folder.mkdir()
    book.save(folder / "in.xlsx")
    path = Path(store.address.path)
    said = command("import", folder / "in.xlsx", "--rules", RULES, "--yes", store=path, code=1).output
    said += command("--json", "check", folder / "in.xlsx", "--rules", RULES, store=path, code=1).output
    said += command("map", folder / "in.xlsx", "--rules", RULES, store=path).output + command("receipt", "1", store=path).output
    refused = command("check", folder / "in.xlsx", "--rules", RULES, "--marked", folder / "marked.xlsx", store=path, code=2)
    assert "holds a password of the connection" in " ".join(refused.output.split())
    good = tmp_path / "good.csv"
    good.write_text(f"Authorization_ID,{','.join(header)},Line_Extension\n{SECRET},{','.join(map(str, header.values()))},5\n")
    said += command("convert", good, "--rules", RULES, "--to", folder / "good.json", store=path).output
    (folder / "in.xlsx").unlink()
    written = [file for file in (*folder.iterdir(), path) if file.is_file()]
    assert {file.suffix for file in written} == {".xlsx", ".json", ".sqlite"}
    for text in (said.encode(), *map(content, written)):
        assert SECRET.encode() not in text


def content(path: Path) -> bytes:
    """A file's bytes; of a workbook those of its parts."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())
