"""QuickBooks' history into BigTime on the command line: three steps, all or nothing, a retry that is safe (S1-2 … S1-18)."""

import pytest

RULES = ("--rules", "quickbooks.history", "--set", "companyFile=Hollis")
HEAD = "Id,Num,Customer,Project,Date,Due Date,Total,Balance,Email Status,Item,Qty,Rate,Amount"
GOOD = ["146,1039,Miller,Quay 7,2026-03-24,2026-04-23,80.00,30.00,EmailSent,Concrete,1,80,80.00", "147,1040,Crane,Quay 7,2026-03-25,,20.00,0.00,EmailSent,Hours,1,20,20.00"]
HOMELESS = "148,1041,Crane,Nowhere,2026-03-26,,20.00,20.00,NeedToSend,Hours,1,20,20.00"


@pytest.fixture
def books(run, home):
    """A project on file, and a way to write histories."""
    (home / "projects.csv").write_text("Project,Name\nQuay 7,Harbour\n", encoding="utf-8")
    assert run("reference", "import", "projects", "projects.csv", "--yes").code == 0

    def write(*rows):
        (home / "history.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
        return "history.csv"

    return write


def test_one_that_cannot_come_in_keeps_all_out_and_every_reason_is_told(run, books):
    """S1-10, S1-12, S1-15, S1-18: the project is looked up before anything is written."""
    done = run("import", books(*GOOD, HOMELESS), *RULES, "--yes")
    assert done.code == 1 and "IMPORT FAILED" in done.out and "--good-only" in done.words
    assert '"Nowhere" is not among the projects on file' in done.words
    assert "No invoice on file" in run("invoices").out


def test_what_is_wrong_with_the_file_alone_is_no_invoice_that_cannot_go_in(run, books, home):
    """S1-15, S0-25: leaving out invoices would let nothing in; where cells are wrong as well the file comes first."""
    done = run("import", books(*GOOD), *RULES, "--yes", "--expect-count", "3")
    assert done.code == 1 and "IMPORT FAILED: nothing was imported." in done.words and "--good-only" not in done.words
    both = run("import", books(*GOOD, HOMELESS), *RULES, "--yes", "--expect-count", "4")
    assert "--good-only" not in both.words and "First settle what is said about the whole file. Then correct the tinted cells and import it:" in both.words
    assert "First settle" not in run("import", books(*GOOD, HOMELESS), *RULES, "--yes").words


def test_a_retry_after_fixing_is_safe_and_success_is_told_with_counts(run, books, home):
    """S1-6, S1-7, S1-11, S1-14, S1-16: what is imported is listed beside what was there; the source is only read."""
    run("import", books(*GOOD, HOMELESS), *RULES, "--yes")
    file = books(*GOOD, HOMELESS.replace("Nowhere", "quay 7"))
    before = (home / file).read_bytes()
    done = run("import", file, *RULES, "--yes")
    assert done.code == 0 and "3 created" in done.words and (home / file).read_bytes() == before
    listed = run("invoices", "--json").json
    assert [(one["key"], one["status"]) for one in listed] == [("Hollis/146", "A/R aging"), ("Hollis/147", "Closed"), ("Hollis/148", "Drafts")]
    again = run("import", file, *RULES, "--yes")
    assert again.code == 1 and "was imported before" in again.words and len(run("invoices", "--json").json) == 3


def test_what_customers_without_an_id_owe_is_told_by_name(run, books):
    """S1-9: none of them is anybody else's, and one is asked for by name."""
    run("import", books(GOOD[0], GOOD[1].replace("0.00,EmailSent", "12.00,EmailSent")), *RULES, "--yes")
    done = run("aging", "--as-of", "2026-11-22")
    assert "Miller USD" in done.words and "Crane USD" in done.words and "2 customers." in done.words and "System" not in done.words
    (crane,) = run("aging", "--as-of", "2026-11-22", "--customer", "Crane", "--json").json
    assert (crane["customer"], crane["customer_name"], crane["total"], crane["system"]) == ("", "Crane", "12.00", "quickbooks")


def test_the_good_ones_alone_where_that_is_asked_for(run, books):
    """S1-15"""
    done = run("import", books(*GOOD, HOMELESS), *RULES, "--yes", "--good-only")
    assert "2 created" in done.words and "IMPORT FAILED" not in done.out


def test_the_confirmation_repeats_counts_and_amounts_and_nothing_goes_in_without_it(answers, run, books):
    """S1-2, S1-5"""
    done = answers("import", books(*GOOD), *RULES, "--set", "from=2026-03-25", lines=("n",))
    assert "1 invoice is left out: Invoice date is before 25 Mar 2026" in done.words
    assert "Import 1 invoice (USD 20.00) into main?" in " ".join((done.out + done.err).split())
    assert "No invoice on file" in run("invoices").out


def test_nothing_chosen_is_no_failure_and_makes_no_batch(run, books):
    """S1-3, S1-17"""
    done = run("import", books(*GOOD), *RULES, "--yes", "--set", "from=2027-01-01")
    assert done.code == 0 and "Nothing to import" in done.words and "Nothing was imported" in done.words
    assert "Batch" not in done.out
    wrong = run("import", books(*GOOD), *RULES, "--yes", "--set", "from=2026-02-01", "--set", "to=2026-01-01")
    assert wrong.code == 2 and "before it begins" in wrong.err
