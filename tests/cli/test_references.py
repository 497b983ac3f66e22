"""`reference` and `role`: lists saved, shown and written; who may do what (S1-1, S3-16, X-6, X-16, X-18)."""

import openpyxl
import pytest

from invoice_rules import open_store, workbooks
from invoice_rules.store import roles
from tests.cli.conftest import RULES, row

CUSTOMERS = "Customer code,Customer name,Payment terms\nMILLER,Miller Studio,1\nSMITH,Smith & Sons,2\n"


@pytest.fixture
def at(run, store):
    """Call a command on the test's own store."""
    return lambda *args: run(*args, "--store", store)


@pytest.fixture
def file(home):
    """Write a file of a list."""

    def make(text: str, name: str = "customers.csv"):
        path = home / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_a_list_is_looked_at_saved_and_listed(at, file):
    path = file(CUSTOMERS)
    dry = at("reference", "import", "customers", path, "--dry-run")
    assert dry.code == 0
    assert "Customers: 2 entries: 2 created." in dry.words
    assert "This was a dry run: nothing was written." in dry.words
    assert at("reference", "list", "customers").words == "Customers has no entries yet."
    done = at("reference", "import", "Customers", path, "--yes")
    assert (done.code, "Saved: Customers." in done.words) == (0, True)
    assert "There is nothing to save." in at("reference", "import", "customers", path, "--yes").words
    shown = at("reference", "list", "customers")
    assert "Smith & Sons" in shown.out and "2 entries." in shown.out and "Salesperson" not in shown.out
    listed = {one["kind"]: one["entries"] for one in at("reference", "list", "--json").json}
    assert (listed["customers"], listed["terms"]) == (2, 0)
    assert "customers.csv" in at("reference", "list").out
    assert at("store", "check").code == 0


def test_a_dry_run_leaves_no_store_where_there_is_none(run, file, home):
    dry = ("reference", "import", "customers", file(CUSTOMERS), "--dry-run", "--store", "books.sqlite")
    assert "Customers: 2 entries: 2 created." in run(*dry).words
    (found,) = run(*dry, "--json").json
    assert (found["store"], found["created"], found["saved"]) == (None, 2, None)
    assert [path.name for path in home.iterdir()] == ["customers.csv"]


def test_good_entries_go_in_and_bad_ones_are_listed(at, file):
    done = at("reference", "import", "customers", file(CUSTOMERS + ",Nobody,1\n"), "--yes")
    assert done.code == 1
    assert "Customer is blank. Every entry needs one." in done.words
    assert "Customers: 3 entries: 2 created, 1 rejected." in done.words
    assert len(at("reference", "list", "customers", "--json").json) == 2


def test_what_programs_get(at, file):
    (told,) = at("reference", "import", "customers", file(CUSTOMERS + ",Nobody,1\n"), "--yes", "--json").json
    assert [told[word] for word in ("kind", "entity", "rows", "created", "updated", "unchanged", "rejected", "ended", "saved")] == ["customers", "main", 3, 2, 0, 0, 1, 0, 1]
    assert [problem["rule"] for problem in told["problems"]] == ["required"]
    assert told["mapping"]["terms"]["heading"] == "Payment terms"
    (dry,) = at("reference", "import", "customers", file(CUSTOMERS), "--dry-run", "--json").json
    assert (dry["unchanged"], dry["saved"]) == (2, None)


def test_somebody_is_asked(answers, file, store):
    path = file(CUSTOMERS)
    refused = answers("reference", "import", "customers", path, "--store", store, lines=("n",))
    assert refused.code == 2
    assert "Save Customers in main (2 new)?" in " ".join(refused.err.split())
    assert answers("reference", "import", "customers", path, "--store", store, lines=("y",)).code == 0
    again = answers("reference", "import", "customers", file("Customer\nNEW\n"), "--replace", "--store", store, lines=("y",))
    assert "Save Customers in main (1 new, 2 taken out of force)?" in " ".join(again.err.split())
    assert [one.customer for one in open_store(store).context().reference("customers").itertuples()] == ["NEW"]


def test_nobody_can_be_asked(at, file):
    done = at("reference", "import", "customers", file(CUSTOMERS))
    assert (done.code, "nobody can be asked here. Add --yes" in " ".join(done.err.split())) == (2, True)


def test_what_is_wrong_is_told_before_anybody_is_asked(at, file):
    done = at("reference", "import", "nosuch", file(CUSTOMERS))
    assert done.code == 2 and "nosuch" in done.err and "--yes" not in done.err
    done = at("reference", "import", "customers", file(CUSTOMERS + ",Nobody,1\n"))
    assert done.code == 2 and "--yes" in done.err and "blank" in done.out


def test_columns_and_values_are_given_as_for_an_import(at, file):
    path = file("A,B\nMILLER,Miller Studio\n")
    done = at("reference", "import", "customers", path, "--map", "customer=A", "--map", "name=B", "--set", "terms=9", "--yes")
    assert done.code == 0
    assert at("reference", "list", "customers", "--json").json[0]["terms"] == "9"


def test_a_workbook_with_a_sheet_for_each_list(at, file, home):
    at("reference", "import", "customers", file(CUSTOMERS), "--yes")
    at("reference", "import", "taxRates", file("Tax code,From,Rate\nCA,2026-01-01,7.25\n", "rates.csv"), "--yes")
    at("reference", "import", "glAccounts", file("Account,Name\n4000,Sales\n", "accounts.csv"), "--yes")
    at("reference", "import", "priceListItems", file("Item,Price,Currency\nA,25.50,EUR\nB,1200,JPY\n", "items.csv"), "--yes")
    book = home / "lists.xlsx"
    written = at("reference", "export", "all", book)
    assert "6 entries of Customers, Tax rates, G/L accounts, Price list items written to" in written.words
    assert openpyxl.load_workbook(book).sheetnames == ["Customers", "Tax rates", "G L accounts", "Price list items"]
    at("entity", "add", "studio")
    done = at("reference", "import", "all", book, "--yes", "--entity", "studio")
    assert (done.code, "Saved: Customers, Tax rates, G/L accounts, Price list items." in done.words) == (0, True)
    for name in ("customers", "taxRates", "glAccounts", "priceListItems"):
        assert at("reference", "list", name, "--json").json == at("reference", "list", name, "--json", "--entity", "studio").json
    assert [one["price"] for one in at("reference", "list", "priceListItems", "--json").json] == ["25.50", "1200"]


def test_sheets_of_other_names_are_left_alone_and_said(at, home):
    import pandas as pd

    book = workbooks.tables_workbook({"Terms": pd.DataFrame({"Terms": ["1"]}), "Notes": pd.DataFrame({"Note": ["x"]})}, home / "lists.xlsx")
    done = at("reference", "import", "all", book, "--yes")
    assert (done.code, "Left alone, for they are called like no list: Notes." in " ".join(done.err.split())) == (0, True)
    other = workbooks.tables_workbook({"Notes": pd.DataFrame({"Note": ["x"]})}, home / "notes.xlsx")
    assert "No sheet of notes.xlsx is called like a list." in at("reference", "import", "all", other, "--yes").err


def test_a_file_that_is_there_is_replaced_only_on_request(at, file, home):
    at("reference", "import", "customers", file(CUSTOMERS), "--yes")
    for kind, name in (("customers", "mine.csv"), ("all", "mine.xlsx")):
        (home / name).write_text("mine", encoding="utf-8")
        refused = at("reference", "export", kind, home / name)
        assert (refused.code, "is there already, and is left as it is." in " ".join(refused.err.split()), (home / name).read_bytes()) == (2, True, b"mine")
        assert at("reference", "export", kind, home / name, "--force").code == 0 and (home / name).read_bytes() != b"mine"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_list_goes_out_and_comes_back_unchanged(at, file, home, ending):
    at("reference", "import", "contracts", file("Job,Retention percent,Taxable\n1,10.5,Y\n2,,No Default\n", "contracts.csv"), "--yes")
    out = home / f"out.{ending}"
    assert at("reference", "export", "contracts", out, "--json").json == [{"format": 1, "file": str(out), "lists": {"Contracts": 2}}]
    (again,) = at("reference", "import", "contracts", out, "--replace", "--yes", "--json").json
    assert (again["unchanged"], again["saved"], again["problems"]) == (2, None, [])


def test_what_is_written_starts_no_formula(at, home):
    """A code may begin with a minus where it is an amount's look; nothing else that a spreadsheet would run can be in a list."""
    done = at("reference", "import", "customers", _written(home, 'Customer,Name\n"=cmd|x","=1+1"\n'), "--yes")
    assert done.code == 1
    at("reference", "import", "customers", _written(home, "Customer,Name\nA,Fine\n"), "--yes")
    at("reference", "export", "customers", home / "out.csv")
    assert not [line for line in (home / "out.csv").read_text("utf-8-sig").splitlines() if line.startswith(("=", "+", "-", "@"))]


def _written(home, text):
    path = home / "hostile.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("list", "nothing"), "There is no reference list named 'nothing'."),
        (("export", "customers", "out.pdf"), "End it with .xlsx or .csv."),
        (("export", "all", "out.csv"), "End it with .xlsx."),
        (("export", "all", "out.xlsx"), "No list has entries yet."),
        (("import", "customers", "customers.csv", "--yes", "--sheet", "x"), "is no workbook"),
    ],
)
def test_what_cannot_be_done_is_said(at, file, args, says):
    file(CUSTOMERS)
    done = at("reference", *args)
    assert (done.code, says in " ".join(done.err.split())) == (2, True), done.err


# ---- roles


@pytest.fixture
def as_(monkeypatch):
    """Another person at the computer."""
    return lambda name: monkeypatch.setattr(roles, "account", lambda: name)


def test_roles_are_given_and_refuse(at, as_, file, write):  # S1-1, S3-16
    as_("ada")
    assert "everybody may do everything" in at("role", "list").words
    assert "Add --yes" in at("role", "grant", "vic", "viewer").err
    assert at("role", "grant", "vic", "viewer", "--yes", "--json").json == [
        {"format": 1, "user": "ada", "role": "administrator"},
        {"format": 1, "user": "vic", "role": "viewer"},
    ]
    as_("vic")
    invoices = write(row(1))
    assert at("check", invoices, *RULES).code == 0
    assert at("import", invoices, *RULES, "--dry-run").code == 0
    refused = at("import", invoices, *RULES, "--yes")
    assert (refused.code, "Importing needs the role importer in main, and vic is a viewer. ada can give it. Nothing was written." in " ".join(refused.err.split())) == (2, True)
    assert at("reference", "import", "customers", file(CUSTOMERS), "--dry-run").code == 0
    assert "Saving reference lists needs the role importer" in " ".join(at("reference", "import", "customers", file(CUSTOMERS), "--yes").err.split())
    assert "Changing the active mapping needs the role administrator" in " ".join(at("map", invoices, *RULES, "--save", "default").err.split())
    assert "Giving roles needs the role administrator" in at("role", "grant", "vic", "administrator").err
    as_("ada")
    assert "importer" in at("role", "grant", "vic", "Importer").out
    as_("vic")
    assert at("import", invoices, *RULES, "--yes").code == 0
    as_("ada")
    assert at("role", "revoke", "vic", "--json").json == [{"format": 1, "user": "ada", "role": "administrator"}]
    assert at("role", "revoke", "ada").words == "No roles are given in main: everybody may do everything."
