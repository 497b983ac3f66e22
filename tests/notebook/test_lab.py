"""Rules tried on files and on past imports, from the file or from what it left on file; near duplicates on file."""

from dataclasses import replace

import pytest

from invoice_rules import CannotRun, history, open_store, rule_sets, undo
from invoice_rules.notebook import Batch, RulesLab, rule
from invoice_rules.store import receipts
from tests.cli.conftest import HEAD, row
from tests.notebook.made import RULES, import_two_months, two_months
from tests.store.making import imported, rows_of


@rule("large-amount", "Amount ({amount}) is over 10,000.00. Ask for approval first.", "amount")
def large_amount(rows):
    """Amounts over 10,000.00 are approved first."""
    return rows["amount"] <= 10_000_00


@pytest.fixture
def store(tmp_path):
    return two_months(tmp_path)


@pytest.fixture
def lab(store):
    return RulesLab(store)


def listed(shown, title: str) -> list:
    return next((list(part.rows) for part in shown.parts if getattr(part, "title", "") == title), [])


def test_a_changed_lab_leaves_the_first_as_it_was(lab):
    other = lab.change(large_amount)
    assert "as they are" in repr(lab.rules())
    assert "1 changed here" in repr(other.rules())
    assert ["large-amount", "Amounts over 10,000.00 are approved first.", "error", "new"] in listed(other.rules(), "Rules")
    assert any(row[0] == "within-amount" and row[3] == "taken out" for row in listed(lab.without("within-amount").rules(), "Rules"))
    with pytest.raises(CannotRun, match='"nothing" is no rule over several fields'):
        lab.without("nothing")
    with pytest.raises(CannotRun, match="nobody"):
        RulesLab(lab.store, rules="nobody")


def test_a_rule_is_tried_on_a_file(lab, tmp_path):
    file = tmp_path / "Receivables October 2026.xlsx"
    shown = lab.change(large_amount).on(file)
    text = repr(shown)
    assert "By the rules as they are, 29 of 41 go in; by these, 22. 7 more stay out, 0 more go in." in text
    (row,) = [row for row in listed(shown, "By rule") if row[0] == "large-amount"]
    assert row[-2:] == ["9", "0"]
    assert "By the rules as they are" not in repr(lab.on(file))


def test_past_imports_are_judged_from_their_files(lab):
    judged = lab.change(large_amount).judged()
    assert [(one.receipt.number, one.basis) for one in judged] == [(2, "its file"), (1, "its file")]
    assert [len(one.now_out) for one in judged] == [11, 7]
    assert "is over 10,000.00" in judged[0].reasons[0]
    assert not any(one.now_out or one.now_in for one in lab.judged()), "without a change nothing is different"
    assert "11 invoices of 2 past imports would stay out now." in repr(lab.change(large_amount).on_past_imports())


def test_without_the_file_what_it_left_on_file_is_judged(tmp_path):
    lab = RulesLab(import_two_months(tmp_path))
    whole = {key for one in lab.change(large_amount).judged() for key in one.now_out}
    (tmp_path / "Receivables October 2026.xlsx").unlink()
    november = tmp_path / "Receivables November 2026.xlsx"
    november.write_bytes(november.read_bytes() + b" ")
    judged = RulesLab(lab.store).change(large_amount).judged()
    assert [one.basis for one in judged] == ["what it left on file", "what it left on file; 7 were changed by later imports and cannot be judged"]
    assert {key for one in judged for key in one.now_out} == whole & set(lab.store.invoices()["key"])
    assert sum(len(one.now_out) for one in judged) > 5


def test_what_was_undone_or_written_over_is_told(lab, store, tmp_path):
    undo(2, store)
    assert [one.receipt.number for one in lab.judged()] == [1]
    books = open_store(tmp_path / "other.sqlite")
    imported(books, rows_of([1], amountDue="50.00"))
    imported(books, rows_of([1], amountDue="40.00"))
    assert [one.basis for one in RulesLab(books).judged()] == ["what it left on file", "nothing: later imports wrote over what it left on file"]


def test_a_rule_taken_away_lets_more_in(tmp_path):
    file = tmp_path / "may.csv"
    lab = RulesLab(open_store(tmp_path / "s.sqlite"))
    file.write_text(f"{HEAD}\n{row(1, due='120.00')}\n", encoding="utf-8")
    assert "0 more stay out, 1 more go in." in repr(lab.without("within-amount").on(file))
    assert "No import of this rule set is in force." in repr(lab.on_past_imports())


def test_near_duplicates_on_file_stand_together(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    same = {"extCustomerId": "C-1", "amount": "77.00", "amountDue": "77.00"}
    imported(store, [*rows_of([1], invoiceNumber="20-17", date="10/30/2026", **same), *rows_of([2], invoiceNumber="2017", date="10/31/2026", **same), *rows_of([3])])
    shown = RulesLab(store).near_duplicates()
    assert "2 invoices on file look as if they were entered twice." in repr(shown)
    rows = listed(shown, "Same customer and amount, similar number, dates within a week")
    assert [row[0] for row in rows] == ["1", ""]
    assert {row[1] for row in rows} == {"INV-1002", "INV-1003"}
    assert "77.00" in rows[0]


def test_no_near_duplicates(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    imported(store, rows_of(range(3)))
    assert repr(RulesLab(store).near_duplicates()) == "No invoice on file looks as if it was entered twice."


def test_nothing_is_written(lab, store):
    before = history(store)
    lab.change(large_amount).on_past_imports()
    lab.near_duplicates()
    assert history(store).equals(before)


HEADINGS = "invoiceId,invoiceNumber,amount,amountDue,customerName,extCustomerId,date,dateDue,isCanceled,contactEmail,currency"


@rule("large", "Amount ({amount}) is over 500.00.", "amount")
def large(rows):
    """Amounts are not over 500.00."""
    return rows["amount"] <= 500_00


def line(number: int, amount: str, canceled: str = "no", due: str = "") -> str:
    return f"J{number},{number},{amount},{due or amount},A,C1,11/01/2026,12/22/2026,{canceled},ap@miller.com,USD"


def batch(file, *lines: str, **options):
    """Import a file of these lines into the books beside it."""
    file.write_text("\n".join([HEADINGS, *lines]) + "\n", encoding="utf-8")
    made = Batch(file, RULES, store=file.parent / "lab.sqlite", strict=False, **options)
    made.run()
    return made


def judged(folder, *rules) -> list:
    return RulesLab(folder / "lab.sqlite").change(*rules).judged()


def test_safe_fixes_and_accepted_holds_of_an_import_count_again(tmp_path):
    fixed = batch(tmp_path / "f.csv", line(1, "100.00", "Y"), line(2, "900.00", "N"), line(3, "100.00"), fix=True)
    assert fixed.results[0].receipt.details["corrections"]["fixed"]
    held = batch(tmp_path / "t.csv", line(4, "900.00"), line(5, "100.00"), "Total,,1500.00,1000.00,,,,,,,", accept=["total-row"])
    assert held.results[0].receipt.details["accepted_holds"] == ["total-row"]
    found = judged(tmp_path, large)
    assert [(one.basis, one.documents, one.now_out) for one in found] == [("its file", 2, ("J4",)), ("its file", 3, ("J2",))]
    assert [one.reasons for one in found] == [("Amount (900.00) is over 500.00.",)] * 2


def test_what_the_file_alone_does_not_let_in_is_judged_from_the_books(tmp_path):
    batch(tmp_path / "f.csv", line(1, "900.00"), line(2, "100.00"))
    batch(tmp_path / "g.csv", line(3, "900.00", "Y"), line(4, "100.00", "N"), fix=True)
    lab = RulesLab(tmp_path / "lab.sqlite").change(large)
    without = [replace(one, details={**one.details, "corrections": {}}) for one in receipts(lab.store)]
    assert [(one.basis, one.now_out) for one in map(lab._judged, without)] == [("its file", ("J1",)), ("what it left on file", ("J3",))]


@pytest.mark.parametrize("fields", [("amont",), ("amount", "amont"), ("sum.amont",), ("customer.amont",)])
def test_a_rule_over_a_field_that_is_not_there_is_refused(lab, fields):
    check = rule("large-amount", "Too much.", *fields)(lambda rows: rows[fields[0]] <= 1)
    with pytest.raises(CannotRun) as refused:
        lab.change(check)
    assert f"Rule large-amount reads the field {fields[-1]}, which paystand.receivables does not have. Its fields: invoiceId, invoiceNumber," in str(refused.value)
    assert "amount, " in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", [name for name, rules in rule_sets().items() if rules.schema.checks])
def test_every_rule_that_there_is_reads_what_is_there(lab, name):
    other = RulesLab(lab.store, rules=name)
    assert other.change(*other.original.schema.checks).changed.schema.checks == other.original.schema.checks


def test_a_field_is_found_by_what_it_is(lab):
    assert lab.field("amount") == "amount"
    assert RulesLab(lab.store, rules="quickbooks.history").field("amount") == "total"
    with pytest.raises(CannotRun, match="spectra.clients has no field that is the amount. Its fields: "):
        RulesLab(lab.store, rules="spectra.clients").field("amount")


def test_documents_that_later_imports_changed_are_told(tmp_path):
    batch(tmp_path / "a.csv", *(line(number, "900.00") for number in range(5)))
    batch(tmp_path / "b.csv", *(line(number, "900.00", due="300.00") for number in range(3)))
    whole = RulesLab(tmp_path / "lab.sqlite").change(large).on_past_imports()
    assert "5 invoices of 2 past imports would stay out now." in repr(whole), "each counts once"
    (tmp_path / "a.csv").unlink()
    found = judged(tmp_path, large)[1]
    assert found.basis == "what it left on file; 3 were changed by later imports and cannot be judged"
    assert (found.documents, found.now_out) == (2, ("J3", "J4"))


def test_an_import_that_left_nothing_is_not_said_to_be_written_over(tmp_path):
    batch(tmp_path / "a.csv", line(1, "100.00"))
    batch(tmp_path / "b.csv", line(2, "100.00", due="900.00"))
    batch(tmp_path / "c.csv", line(1, "100.00"), line(3, "100.00", due="900.00"))
    for name in "abc":
        (tmp_path / f"{name}.csv").unlink()
    assert [one.basis for one in judged(tmp_path)] == ["nothing: all of it was on file already", "nothing: no document of it went in", "what it left on file"]


def test_a_rule_put_in_place_of_one_counts_as_changed(lab):
    @rule("within-amount", "Other {amount}.", "amountDue", "amount")
    def within(rows):
        return rows["amountDue"] * 2 <= rows["amount"]

    (kept,) = [check for check in lab.original.schema.checks if check.name == "within-amount"]
    within.statistics["rule"] = kept.statistics["rule"]
    rows = listed(lab.change(within).rules(), "Rules")
    assert [row[0] for row in rows if row[3] == "changed"] == ["within-amount"]
    assert "1 changed here" in repr(lab.change(within).rules())
    assert "as they are" in repr(lab.change(kept).rules())


def test_pairs_are_those_that_were_taken_for_each_other(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    same = {"extCustomerId": "C-1", "amount": "77.00", "amountDue": "77.00"}
    pairs = [("101", "1O1", "08"), ("205", "2O5", "08"), ("309", "3O9", "09"), ("309-", "30-9", "10")]
    rows = [rows_of([2 * at + place], invoiceNumber=number, date=f"{month}/0{place + 1}/2026", **same)[0] for at, (*both, month) in enumerate(pairs) for place, number in enumerate(both)]
    imported(store, rows)
    found = listed(RulesLab(store).near_duplicates(), "Same customer and amount, similar number, dates within a week")
    assert [row[0] for row in found] == ["1", "", "2", "", "3", "", "4", ""]
    number = lambda row: next(cell for cell in row[1:] if cell in {one for pair in pairs for one in pair[:2]})  # noqa: E731
    assert [(number(one), number(other)) for one, other in zip(found[::2], found[1::2], strict=True)] == [pair[:2] for pair in pairs]
