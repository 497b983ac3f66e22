"""`convert`: a service's JSON as rows and rows as its JSON, what it says, and when it writes nothing (S2-1, S2-45)."""

import json

import pytest

from invoice_rules.samples.references import REFERENCES, build_reference_samples, sample_invoice

SPECTRUM = ("--rules", "spectrum.invoices")
SAMPLE = json.loads(sample_invoice())


@pytest.fixture
def sample(home):
    path = home / "invoice.json"
    path.write_bytes(sample_invoice())
    return path


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_there_and_back(run, home, sample, ending):
    """S2-45"""
    there = run("convert", sample, "--to", home / f"rows.{ending}", *SPECTRUM)
    assert there.code == 0 and "1 invoice with 6 lines written to" in there.words
    assert "not looked up" not in there.words and "Filled in" not in there.words, "what is not written is not told"
    back = run("convert", home / f"rows.{ending}", "--to", home / "back.json", *SPECTRUM)
    assert back.code == 0 and json.loads((home / "back.json").read_text(encoding="utf-8")) == SAMPLE


def test_errors_keep_a_file_from_being_written(run, home, sample):
    """The problems are shown as `check` shows them."""
    sample.write_text(sample.read_text().replace('"Batch_Code": "20180524"', '"Batch_Code": "20180524-11"'))
    done = run("convert", sample, "--to", home / "rows.csv", *SPECTRUM)
    assert done.code == 1 and not (home / "rows.csv").exists()
    assert "has 11 characters; 10 are allowed" in done.words
    assert "Nothing was written: 1 invoice has errors. Correct the file and convert it again." in done.err
    checked = run("check", sample, *SPECTRUM)
    row = next(line for line in checked.out.splitlines() if "Batch code" in line)
    assert row in done.out.splitlines()


def test_a_file_that_is_there_is_replaced_only_by_force(run, home, sample):
    target = home / "rows.csv"
    target.write_text("mine")
    kept = run("convert", sample, "--to", target, *SPECTRUM)
    assert kept.code == 2 and "is left as it is" in " ".join(kept.err.split()) and target.read_text() == "mine"
    assert "invoice.json ·" not in kept.out, "nothing is read for a file that cannot be written"
    assert run("convert", sample, "--to", target, "--force", *SPECTRUM).code == 0
    assert target.read_text(encoding="utf-8-sig").startswith("Company code,")
    own = run("convert", sample, "--to", sample, *SPECTRUM)
    assert own.code == 2 and sample.read_bytes() == sample_invoice()


def test_the_sender_s_own_file_is_never_replaced(run, sample):
    own = run("convert", sample, "--to", sample, "--force", *SPECTRUM)
    assert own.code == 2 and "is the file itself" in " ".join(own.err.split()) and sample.read_bytes() == sample_invoice()


def test_what_is_filled_in_comes_from_the_store(run, home, sample, store):
    """S2-46: with the reference lists; whether the invoice was imported before does not matter."""
    build_reference_samples(home / "lists")
    assert run("--store", store, "reference", "import", "all", home / "lists" / REFERENCES, "--yes").code == 0
    assert run("--store", store, "import", sample, "--yes", *SPECTRUM).code == 0
    done = run("--store", store, "convert", sample, "--to", home / "filled.json", "--filled", *SPECTRUM)
    assert done.code == 0 and "Filled in" in done.words
    (made,) = json.loads((home / "filled.json").read_text())["arInvoices"]
    assert (made["Salesperson_Code"], made["Sales_Tax_Code"], made["Sales_Tax_Amount"], made["AR_GL_Account"]) == ("JP", "OHIO", 53.79, "112000")
    assert made["invoiceDetails"][3]["GL_Account"] == "401000"
    bare = run("convert", sample, "--to", home / "bare.json", "--filled", *SPECTRUM)
    assert "There is no store with reference lists" in bare.words


def test_json_for_programs(run, home, sample):
    done = run("--json", "convert", sample, "--to", home / "rows.csv", *SPECTRUM)
    (told,) = done.json
    assert (told["format"], told["invoices"], told["lines"], told["written"]) == (1, 1, 6, str(home / "rows.csv"))
    assert told["totals"] == {"USD": {"Invoice_Total": "1891.00"}} and [one["rule"] for one in told["problems"] if one["severity"] == "warning"] == ["bare-line"]
    (stopped,) = run("--json", "convert", sample, "--to", home / "rows.csv", *SPECTRUM).json
    assert "is left as it is" in stopped["error"]
    sample.write_text(sample.read_text().replace('"Transaction_Type": "I"', '"Transaction_Type": "Q"'))
    wrong = run("--json", "convert", sample, "--to", home / "others.csv", *SPECTRUM)
    assert wrong.code == 1 and wrong.json[0]["written"] is None and wrong.json[0]["problems"][0]["rule"] == "choice"


def test_what_cannot_be_written_is_said_first(run, home, sample, write):
    assert "End it with .json, .xlsx or .csv" in run("convert", sample, "--to", home / "rows.txt", *SPECTRUM).err
    no_json = run("convert", write(), "--to", home / "rows.json", "--rules", "paystand.receivables")
    assert no_json.code == 2 and "have no JSON of their own" in no_json.err
    nowhere = run("convert", sample, "--to", home / "missing" / "rows.csv", *SPECTRUM)
    assert nowhere.code == 2 and "could not be written" in " ".join(nowhere.err.split())
