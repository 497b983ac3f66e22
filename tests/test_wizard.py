"""The wizard's state: choices are kept, and only what depends on a changed one is made anew (S0-1, S0-24)."""

import pytest

from invoice_rules import CannotRun, Outrun
from invoice_rules.wizard import Choices, Step, Wizard, expected_totals

HEAD = "Invoice ID,Invoice number,Amount,Amount due,Customer name,Customer ID,Date,Due date,Canceled,Contact e-mail\n"
GOOD = "I-1,1001,100.00,40.00,Miller Studio,C-1,11/02/2026,12/02/2026,no,ap@miller.test\n"
WRONG = "I-2,1002,50.00,60.00,Miller Studio,C-1,11/03/2026,12/03/2026,no,ap@miller.test\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "may.csv"
    path.write_text(HEAD + GOOD + WRONG, encoding="utf-8")
    return path


@pytest.fixture
def state(file):
    return Wizard(Choices(source=file, rules="paystand.receivables"))


def test_steps_go_forward_and_back_and_keep_every_choice(state):  # S0-24
    state.setting("currency", "EUR")
    assert [state.next() for _ in range(4)] == [Step.MAPPING, Step.SETTINGS, Step.CHECK, Step.CONFIRM]
    assert state.next() is Step.CONFIRM
    chosen = state.choices
    assert [state.back() for _ in range(5)][-1] is Step.SOURCE
    assert state.choices == chosen
    assert state.report.totals() == {"EUR": {"amount": 15000, "amountDue": 10000}}


def test_steps_have_headings():
    assert Step.MAPPING.heading == "Step 2 of 5: Match columns"


def test_only_what_depends_on_a_choice_is_made_anew(state):
    table, mapping, report = state.table, state.mapping, state.report
    state.setting("content", "strict")
    assert state.table is table
    assert state.mapping is mapping
    assert state.report is not report
    state.give("customerName", "Customer ID")
    assert state.table is table
    assert state.mapping is not mapping
    assert state.mapping.fields["customerName"] == 5


def test_the_same_choice_again_changes_nothing(state):
    state.setting("content", "strict")
    report = state.report
    state.setting("content", "strict")
    state.choose(sender="")
    assert state.report is report


def test_choices_can_be_taken_back(state):
    state.give("customerName", "Customer ID")
    state.give("customerName", None)
    state.setting("isCanceled", "no")
    state.setting("isCanceled", None)
    assert (dict(state.choices.given), dict(state.choices.settings)) == ({}, {})


def test_without_a_file_nobody_leaves_the_first_step():
    state = Wizard(Choices(rules="paystand.receivables"))
    with pytest.raises(CannotRun, match="No file is chosen yet"):
        state.next()
    assert state.step is Step.SOURCE


def test_a_file_that_cannot_be_read_keeps_the_step(tmp_path):
    state = Wizard(Choices(source=tmp_path / "none.csv", rules="paystand.receivables"))
    with pytest.raises(CannotRun):
        state.next()
    assert state.step is Step.SOURCE


@pytest.mark.parametrize("name", ["", "nobody.nothing"])
def test_unknown_rules_are_told(file, name):
    with pytest.raises(CannotRun, match="rule set"):
        _ = Wizard(Choices(source=file, rules=name)).rules


def test_required_fields_need_a_column_or_a_value(tmp_path):  # S3-15
    path = tmp_path / "may.csv"
    path.write_text("Invoice ID,Invoice number,Amount\nI-1,1,5.00\n", encoding="utf-8")
    state = Wizard(Choices(source=path, rules="paystand.receivables"))
    state.next()
    state.next()
    assert state.step is Step.SETTINGS
    assert "Customer name has neither a column nor a value for the whole file." in state.obstacles()
    with pytest.raises(CannotRun):
        state.next()
    required = [question.name for question in state.questions() if question.required]
    assert required == list(state.missing)
    for name in required:
        state.answer(name, {"date": "11/02/2026", "dateDue": "12/02/2026", "isCanceled": "no", "contactEmail": "a@b.test"}.get(name, "{amount}"))
    assert not state.missing
    assert state.next() is Step.CHECK
    assert state.report.accepted == 1


def test_customers_have_no_totals_to_declare(tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("Customer ID,Customer name,Contact e-mail,Contact name\nC-1,Miller Studio,ap@miller.co,Ada Miller\n", encoding="utf-8")
    asked = [question.name for question in Wizard(Choices(source=path, rules="paystand.customers")).questions()]
    assert asked == ["sender", "content"]


def test_nothing_that_could_go_in_stops_at_the_check(tmp_path):
    path = tmp_path / "may.csv"
    path.write_text(HEAD + WRONG, encoding="utf-8")
    state = Wizard(Choices(source=path, rules="paystand.receivables"))
    for _ in range(3):
        state.next()
    with pytest.raises(CannotRun, match="No invoice can go in"):
        state.next()


def test_questions_hold_what_was_answered(state):
    state.answer("sender", "Miller")
    state.answer("expect-count", "2")
    state.answer("expect-total", "150.00")
    state.answer("customers", "must-exist")
    values = {question.name: question.value for question in state.questions()}
    assert {"sender": "Miller", "expect-count": "2", "expect-total": "USD=150.00", "customers": "must-exist"}.items() <= values.items()
    assert state.report.expected.totals == {"USD": 15000}
    state.answer("expect-total", "")
    state.answer("expect-count", "")
    assert state.choices.expected is None


def test_holds_are_told_by_kind(tmp_path):
    again = WRONG.replace("I-2,1002,50.00,60.00", "I-9,1001,70.00,60.00")
    path = tmp_path / "may.csv"
    path.write_text(HEAD + GOOD + again, encoding="utf-8")
    state = Wizard(Choices(source=path, rules="paystand.receivables"))
    (hold,) = state.holds()  # S3-21
    assert (hold.rule, hold.count, hold.example.row, hold.about_file) == ("number-again", 2, 2, False)
    assert state.open_holds() == [hold]
    state.accept([hold.rule])
    assert (state.open_holds(), state.holds()) == ([], [hold])


def test_a_plan_needs_a_store(state):
    with pytest.raises(CannotRun, match="no store"):
        _ = state.plan


class Outran:
    """A stand-in for the commit of a store that changed once between plan and commit."""

    def __init__(self):
        self.calls = 0

    def __call__(self, plan, progress=None):
        self.calls += 1
        if self.calls == 1:
            raise Outrun("The store changed.")
        return f"receipt of {plan}"


def test_an_outrun_plan_is_made_again_and_a_commit_happens_once(state, monkeypatch):
    commit = Outran()
    monkeypatch.setattr("invoice_rules.store.commit", commit)
    plans = iter(["plan 1", "plan 2"])
    monkeypatch.setattr(Wizard, "_plan", lambda self: next(plans))
    with pytest.raises(Outrun):
        state.commit()
    assert state.commit() == "receipt of plan 2"
    assert state.commit() == "receipt of plan 2"
    assert commit.calls == 2


def test_expected_totals_are_read_by_currency():
    said = expected_totals(3, ["1,200.00", "JPY=500", "EUR=-5.10"], "USD")
    assert (said.count, said.totals) == (3, {"USD": 120000, "JPY": 500, "EUR": -510})
    with pytest.raises(CannotRun, match="Two expected totals"):
        expected_totals(None, ["USD=1.00", "2.00"], "USD")
    with pytest.raises(CannotRun):
        expected_totals(None, ["lots"], "USD")
