"""`aging` and `invoices` on the command line."""

import pytest

from tests.cli.conftest import HEAD, RULES, row


@pytest.fixture
def books(run, tmp_path):
    path = tmp_path / "may.csv"
    lines = [row(1, "1,000.50".replace(",", ""), date="09/01/2026", due_date="09/30/2026"), row(2, "20.00", customer="C-2", name="Crane", date="11/01/2026", due_date="12/31/2026"), row(3, "5.00", due="0.00")]
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    assert run("import", path, *RULES, "--yes").code == 0
    return path


def test_aging_shows_buckets_totals_and_its_day(run, books):
    done = run("aging", "--as-of", "2026-11-22")
    assert done.code == 0 and "as of 22 Nov 2026" in done.words
    assert "C-1 Miller Studio USD – – 1,000.50 – – 1,000.50" in done.words
    assert "All USD 20.00 0.00 1,000.50 0.00 0.00 1,020.50" in done.words and "2 customers." in done.words


def test_aging_as_json_and_as_a_file(run, books, tmp_path):
    first, second = run("--json", "aging", "--as-of", "2026-11-22").json
    assert (first["customer"], first["31–60"], first["total"], first["as_of"]) == ("C-1", "1000.50", "1000.50", "2026-11-22")
    assert second["current"] == "20.00"
    run("aging", "--as-of", "2026-11-22", "--out", tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("Customer ID,Customer name,Currency,Current,1–30") and "1000.50" in text


def test_a_file_that_is_there_is_replaced_only_on_request(run, books, tmp_path):
    for verb in ("aging", "invoices"):
        for ending in ("csv", "xlsx", "json"):
            target = tmp_path / f"mine.{ending}"
            target.write_text("mine", encoding="utf-8")
            refused = run(verb, "--out", target)
            assert (refused.code, "is there already, and is left as it is." in " ".join(refused.err.split()), target.read_text(encoding="utf-8")) == (2, True, "mine")
            assert run(verb, "--out", target, "--force").code == 0 and target.read_bytes() != b"mine"


def test_the_same_id_in_two_systems_is_shown_apart(run, books, tmp_path):
    (tmp_path / "clients.csv").write_text("Client number,Last name\nC-1,Somebody Else\n", encoding="utf-8")
    (tmp_path / "studio.csv").write_text("Client number,Invoice number,Invoice date,Type,Amount\nC-1,1,11/13/2026,Reorder,30.00\n", encoding="utf-8")
    assert run("import", tmp_path / "clients.csv", "--rules", "spectra.clients", "--yes").code == 0
    assert run("import", tmp_path / "studio.csv", "--rules", "spectra.invoices", "--yes").code == 0
    done = run("aging", "--as-of", "2026-11-22")
    assert "Customer System" in done.words and "C-1 Miller Studio paystand USD" in done.words and "C-1 Somebody Else spectra USD" in done.words
    assert "3 customers." in done.words and "All USD" in done.words


def test_aging_says_what_is_dated_later(run, books):
    told = "1 open invoice dated after 31 Oct 2026 is left out (USD 20.00)."
    done = run("aging", "--as-of", "2026-10-31")
    assert "All USD 0.00 0.00 1,000.50 0.00 0.00 1,000.50" in done.words and "C-2" not in done.out and told in done.words
    assert told in run("--json", "aging", "--as-of", "2026-10-31").err
    assert "Nothing is open" in (early := run("aging", "--as-of", "2026-08-31").words) and "2 open invoices" in early


def test_aging_of_nobody(run, books):
    assert "Nothing is open" in run("aging", "--customer", "nobody").out


def test_a_status_that_is_none_names_those_that_there_are(run, books):
    done = run("invoices", "--status", "gone")
    assert done.code == 2 and "A/R aging" in done.err and "Staged" in done.err
    assert run("invoices", "--status", "paid", "--json").json[0]["key"] == "I-3"


def test_fields_need_their_rule_set(run, books):
    assert "--rules" in run("invoices", "--field", "isCanceled").err
    assert "no field" in run("invoices", *RULES, "--field", "nothing").err
    assert "Canceled" in run("invoices", *RULES, "--field", "isCanceled=no").out


def test_a_field_has_a_column_of_its_own_under_its_title(run, books, tmp_path):  # S0-33
    done = run("invoices", *RULES, "--field", "amount")
    assert done.code == 0 and "1,000.50 1,000.50 USD Open 1,000.50" in done.words
    listed = run("invoices", *RULES, "--field", "amount=5.00", "--json").json
    assert [(one["key"], one["amount"], one["field.amount"]) for one in listed] == [("I-3", "5.00", "5.00")]
    run("invoices", *RULES, "--field", "amount", "--field", "isCanceled", "--out", tmp_path / "i.csv")
    assert (tmp_path / "i.csv").read_text(encoding="utf-8-sig").splitlines()[0].endswith(",Amount,Amount due,Status,Batch,Amount (field),Canceled")


def test_the_list_keeps_ids_whole_and_says_a_number_once(run, books, tmp_path):
    assert "Number" in run("invoices").out
    (tmp_path / "clients.csv").write_text("Client number,Last name\n1042,Miller\n", encoding="utf-8")
    (tmp_path / "studio.csv").write_text("Client number,Invoice date,Type,Amount,Description\n1042,11/13/2026,Reorder,30.00,Prints for the whole family\n", encoding="utf-8")
    assert run("import", tmp_path / "clients.csv", "--rules", "spectra.clients", "--yes").code == 0
    assert run("import", tmp_path / "studio.csv", "--rules", "spectra.invoices", "--yes").code == 0
    done = run("invoices", "--rules", "spectra.invoices", *(word for name in ("description", "invoiceType", "taxAmount") for word in ("--field", name)))
    assert "1042/2026-11-13/3000 " in done.out and "Number" not in done.out
