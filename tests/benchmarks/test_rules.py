"""The kernels written by hand judge as `examine()` does, so that the benchmark compares the same work."""

import csv
import random

import pytest

from tests.benchmarks.receivables import COLUMNS, write
from tests.benchmarks.rivals.arrow_kernels import judged
from tests.benchmarks.rules import TODAY, by_hand, differences, ours, raw, their_verdicts

ODD_CELLS = {
    "invoiceId": ("", "IX0000000001", " IX0000000001 ", "1.5E+12", "A--B", "=cmd", "TEST-1", "a\u200bb", "x" * 41, "-7", "A=B", "＝1", "7+7"),
    "invoiceNumber": ("", "INV-2026-00000001", "INV-2O26-OOOOOOO1", "demo 7", "=1", "2E+5", "N" * 40),
    "amount": ("", "(5.00)", "$ -", "5-", "5CR", "12,00", "1,200.50", "1.234", "1.230", "1234567890123456", "0.1000000000000000055", "-3", "0", "€5", "abc", "--5", "9" * 14),
    "amountDue": ("", "0.001", "(1.00)", "$1,000.00", "99999999.99", "-", "1e5"),
    "customerName": ("", "'Acme'", '"Acme" Ltd', "=Acme", "ACME  marine 17", "Acme @ Home", "Test Ltd", "Ä" * 51, "@acme", "Acme+Sons", "Contest"),
    "extCustomerId": ("", "CUST-0000001", "CUST-0000002", "-1", "1E+7", "C\x07D"),
    "date": ("", "02/30/2026", "2026-01-05", "1.5.2026", "1-5-2026", "1/5/26", "soon", "01/01/2010", "12/31/2099", "1/5/2026 00:00:00", "45000", "13/13/2026"),
    "dateDue": ("", "01/01/2024", "01/01/2031", "1/1/2201", "26-06-1899"),
    "isCanceled": ("", "TRUE", "Y", "1", "nO"),
    "contactEmail": ("", "a@b.co; c@d.co", ";", "a@b", "a b@c.com", "test@acme.com", "x@example.com", ", ".join(["a@b.co"] * 7), "jürgen@acme.de", "a..b@acme.com", "a@b.museum"),
}


@pytest.fixture
def messy(tmp_path):
    """2,000 rows of the benchmark with one odd cell in every fourth row."""
    with write(tmp_path / "plain.csv", 2_000).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    r = random.Random(5)
    for row in r.sample(rows[1:], 500):
        name = r.choice(COLUMNS)
        row[COLUMNS.index(name)] = r.choice(ODD_CELLS[name])
    rows[40:44] = [rows[30][:1] + rows[31][1:], ["OTHER-1", *rows[31][1:]], rows[30], [rows[32][0] + "b", rows[32][1] + "b", *rows[32][2:]]]
    with (tmp_path / "messy.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return tmp_path / "messy.csv"


@pytest.mark.parametrize("wrong", [0.02, 0, 1])
def test_both_sides_agree_on_the_file_that_is_measured(tmp_path, wrong):
    assert list(differences(write(tmp_path / "receivables.csv", 2_000, wrong))) == []


def test_both_sides_agree_on_a_messy_file(messy):
    assert list(differences(messy)) == []


def test_both_sides_agree_where_a_date_shows_another_order(messy):
    text = messy.read_text(encoding="utf-8")
    messy.write_text(text.replace("01/01/2031", "26/06/2026"), encoding="utf-8")
    assert list(differences(messy)) == []


def test_both_sides_count_the_same_problems(tmp_path):
    path = str(write(tmp_path / "receivables.csv", 2_000))
    assert ours(path)() == by_hand(path)() > 20


def test_the_messy_file_breaks_every_rule_that_a_file_alone_can_break(messy):
    broken = {rule for _, rule in their_verdicts(judged(raw(messy), TODAY)[1])}
    assert broken == {
        "binary-noise", "content", "control-characters", "date", "decimal-mark", "decimals", "demo-data", "due-before-date", "duplicate", "email", "email-count", "far-date",
        "lost-digits", "max-length", "money", "near-duplicate", "not-negative", "number-again", "required", "two-names", "within-amount", "yes-no", "zero-amount",
    }  # fmt: skip
