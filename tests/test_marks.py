"""What cells and status columns show (words-and-looks of the messages; X-2, X-5, S3-19)."""

import numpy as np
import pandas as pd
import pytest

from invoice_rules.examining import examine
from invoice_rules.marks import BAD, GOOD, NEUTRAL, change, marks, notes, outcome_texts, severities, status_texts
from invoice_rules.problems import Severity
from invoice_rules.results import Outcome, Plan, Receipt, Report
from tests.making import RECEIVABLES, mapped, receivable, table


def report(*rows: dict[str, str], **asked) -> Report:
    made = table(rows)
    return examine(made, RECEIVABLES, mapped(made.headings), **asked)


MIXED = (
    receivable(0),
    receivable(1, amountDue="1,200.00", isCanceled="Y"),
    receivable(2, dateDue="10/01/2026"),
    receivable(3, contactEmail="", customerName="x" * 61, amount="1,00.00", date="31/31/2026"),
)


def test_status_of_each_row():
    assert status_texts(report(*MIXED)) == [
        "OK",
        '2 errors: amount due is more than the amount; canceled says "Y"',
        "OK, 1 warning: due date is before the invoice date",
        '4 errors: "1,00.00" has a comma in the wrong place; customer name has 61 characters; "31/31/2026" is not a date; and 1 more',
    ]


def test_only_the_rows_asked_for_are_told():
    asked = np.array([False, False, True, False])
    assert status_texts(report(*MIXED), asked) == ["OK, 1 warning: due date is before the invoice date"]
    assert {note.at for note in notes(report(*MIXED), asked)} == {2}


def test_an_error_comes_before_the_warning_of_the_same_row():
    (text,) = status_texts(report(receivable(0, dateDue="10/01/2026", contactEmail="")))
    assert text == "1 error: contact e-mail is blank; 1 warning: due date is before the invoice date"


def test_a_question_about_the_file_keeps_every_row_waiting():
    rows = [{name: cell for name, cell in receivable(n).items() if name != "contactEmail"} for n in range(2)]
    assert set(status_texts(report(*rows))) == {"Waits: 1 question about the file to settle first"}


def test_messages_are_those_of_the_problems():
    found = report(*MIXED)
    told = [note.problem for note in notes(found, least=Severity.NOTICE)]
    assert told == [problem for problem in found.problems if problem.row is not None]


def test_no_status_says_more_than_a_clause():
    for note in notes(report(*MIXED)):
        assert note.short
        assert not note.short.endswith(".")
        assert "\x1e" not in note.short + note.problem.message


def test_the_words_of_a_value_are_never_taken_for_the_end_of_a_sentence():
    (text,) = status_texts(report(receivable(0, isCanceled="No. Really. {title}")))
    assert text == '1 error: canceled says "No. Really. {title}"'


def test_marks_name_the_cell_with_its_worst_severity():
    frame = marks(report(*MIXED))
    assert frame.columns.tolist() == ["row", "column", "severity", "message"]
    cell = frame[(frame["row"] == 3) & (frame["column"] == 3)].iloc[0]
    assert cell["severity"] == Severity.ERROR
    assert cell["message"] == "Amount due (1,200.00) is more than the amount (1,000.00). Lower it, or correct the amount."
    assert frame[frame["row"] == 2].empty
    assert len(frame[frame["row"] == 5]) == 4


def test_two_problems_of_a_cell_are_one_mark():
    frame = marks(report(receivable(0, amount="-5.00", amountDue="-1.00", dateDue="10/01/2026"), receivable(1)))
    due = frame[frame["column"] == 3].iloc[0]
    assert due["message"].count("\n") == 1


def test_severities_tint_the_same_cells_as_the_marks():
    found = report(*MIXED)
    grid = severities(found, np.arange(4))
    marked = {(row - 2, column): severity for row, column, severity in marks(found)[["row", "column", "severity"]].itertuples(index=False)}
    tinted = {(int(row), int(column)): Severity(int(grid[row, column])) for row, column in np.argwhere(grid)}
    assert tinted == marked
    assert severities(found, np.array([1, 3])).tolist() == grid[[1, 3]].tolist()


def plan(found: Report, outcomes: list[Outcome], differences: pd.DataFrame | None = None) -> Plan:
    made = Plan(id="p", report=found, store=None, outcomes=np.array(outcomes), revision=0)
    if differences is not None:
        object.__setattr__(made, "differences", lambda: differences)
    return made


def test_outcomes_in_words():  # S3-19, S3-22
    differences = pd.DataFrame(
        [(4, "INV-1003", "record.status", "Status", "Open", "Paid"), (4, "INV-1003", "amountDue", "Amount due", "500.00", "0.00")],
        columns=["row", "key", "field", "title", "before", "after"],
    )
    found = report(*MIXED)
    made = plan(found, [Outcome.CREATED, Outcome.REJECTED, Outcome.UPDATED, Outcome.REJECTED], differences)
    texts = outcome_texts(made)
    assert texts[:3] == [
        "Created",
        'Not imported: 2 errors: amount due is more than the amount; canceled says "Y"',
        "Updated: amount due 500.00 → 0.00, now Paid",
    ]
    assert outcome_texts(made, np.array([True, False, False, False])) == ["Created"]


def test_all_or_nothing_says_why_a_good_invoice_stayed_out():
    found = report(receivable(0), receivable(1, contactEmail=""))
    texts = outcome_texts(plan(found, [Outcome.REJECTED, Outcome.REJECTED]))
    assert texts == ["Not imported: other invoices of the file have errors", "Not imported: 1 error: contact e-mail is blank"]


@pytest.mark.parametrize(("outcome", "text"), [(Outcome.UNCHANGED, "Unchanged"), (Outcome.SKIPPED, "Skipped: it is on file already")])
def test_outcomes_without_a_difference(outcome, text):
    assert outcome_texts(plan(report(receivable(0)), [outcome])) == [text]


def test_a_blank_before_or_after_is_named():
    assert change("dateDue", "Due date", "", "21 Nov 2026") == "due date blank → 21 Nov 2026"


def test_the_palette_is_the_one_of_excel():
    assert [(*tint,) for tint in (BAD, NEUTRAL, GOOD)] == [("9C0006", "FFC7CE"), ("9C5700", "FFEB9C"), ("006100", "C6EFCE")]


def receipt(frame: pd.DataFrame) -> Receipt:
    plain = dict.fromkeys(
        ("batch", "kind", "state", "at", "user", "entity", "rules", "rules_version", "source", "sha256", "mapping", "head"), ""
    )
    return Receipt(**plain, number=1, counts={}, totals={}, outcomes=frame)


def test_a_receipt_tells_its_outcomes():
    frame = pd.DataFrame(
        {"row": [2, 3], "key": ["a", "b"], "outcome": ["updated", "unchanged"], "changes": ["Amount due 500.00 → 0.00", ""]}
    )
    assert outcome_texts(receipt(frame)) == ["Updated: amount due 500.00 → 0.00", "Unchanged"]
