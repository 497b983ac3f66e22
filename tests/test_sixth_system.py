"""A sixth system is one file: mapping, check, import, page and command line follow from it, with no other change."""

from pathlib import Path

import pytest

from invoice_rules import references, rulesets
from tests.cli.conftest import home, run  # noqa: F401 - fixtures  # the command line as its own tests see it

FILE = Path(__file__).parent / "sixth" / "harbour.py"
BERTHS = """Invoice,Customer number,Invoice date,Berth,Nights,Price
B-1,s-7,11/02/2026,A4,3,20.00
B-1,,,A5,1,12.50
B-2,S-8,11/03/2026,C1,2,20.00
B-3,S-8,11/03/2026,C2,300,20.00
"""


@pytest.fixture(autouse=True)
def _harbour(monkeypatch):
    """The file lies among the rule sets."""
    monkeypatch.setattr(rulesets, "__path__", [*rulesets.__path__, str(FILE.parent)])
    caches = (rulesets.rule_sets, references.kinds, references.owned)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def harbour(home, run):  # noqa: F811 - the fixture  # of the same name
    """Skippers and a tax on file, and a file of berths."""
    (home / "skippers.csv").write_text("Customer,Name,Sales tax code\nS-7,Ada,PORT\nS-8,Bo,PORT\n", encoding="utf-8")
    (home / "taxes.csv").write_text("Tax code,Rate\nPORT,10\n", encoding="utf-8")
    (home / "berths.csv").write_text(BERTHS, encoding="utf-8")
    for kind, name in (("customers", "skippers.csv"), ("taxCodes", "taxes.csv")):
        done = run("reference", "import", kind, home / name, "--yes")
        assert done.code == 0, done.out + done.err
    return home


def test_the_file_is_small():
    assert len(FILE.read_text(encoding="utf-8").splitlines()) <= 60


def test_the_rules_are_listed_and_have_a_page(run):  # noqa: F811 - the fixture  # of the same name
    assert "harbour.berths" in run("rules").out
    page = run("rules", "harbour.berths").out
    assert "Nobody stays longer than a season" in page and "several rows make one invoice" in page


def test_columns_are_matched_and_the_mapping_is_kept(run, harbour):  # noqa: F811 - the fixture  # of the same name
    done = run("map", "berths.csv", "--rules", "harbour.berths", "--save", "marina")
    assert done.code == 0 and "Skipper" in done.out, done.err
    assert "marina" in run("mapping", "list").out


def test_a_file_is_checked_against_it(run, harbour):  # noqa: F811 - the fixture  # of the same name
    done = run("check", "berths.csv", "--rules", "harbour.berths")
    assert done.code == 1 and "300 nights are more than a season" in done.words and "Harbour tax worked out" in done.words


def test_a_file_is_imported_with_lines_lookups_and_defaults(run, harbour):  # noqa: F811 - the fixture  # of the same name
    done = run("import", "berths.csv", "--rules", "harbour.berths", "--yes")
    assert "2 created" in done.words and "1 rejected" in done.words, done.out + done.err
    listed = run("invoices", "--rules", "harbour.berths", "--field", "harbourTax", "--json").json
    assert [(one["key"], one["customer"], one["amount"], one["field.harbourTax"]) for one in listed] == [("B-1", "S-7", "72.50", "7.25"), ("B-2", "S-8", "40.00", "4.00")]
    assert run("import", "berths.csv", "--rules", "harbour.berths", "--yes").code != 0
    assert "Nothing is wrong" in run("store", "check").out
