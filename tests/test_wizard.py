"""The wizard's state: choices are kept, and only what depends on a changed one is made anew (S0-1, S0-24)."""

import pytest

from invoice_rules import CannotRun, Outrun, open_store
from invoice_rules.results import Corrections, Entity
from invoice_rules.wizard import Choices, Step, Wizard, changed_on_disk, expected_totals, read_again, template

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


def test_a_declared_total_may_be_written_as_our_summaries_write_it(state):
    state.answer("expect-total", "USD 150.00")
    assert state.report.expected.totals == {"USD": 15000}
    with pytest.raises(CannotRun, match="Two expected totals"):
        state.answer("expect-total", "USD 150.00 150.00")


class Euros:
    """A view of books whose entity has a home currency."""

    entity = Entity(currency="EUR")


def test_a_declared_total_is_in_the_currency_of_the_entity(file):
    state = Wizard(Choices(source=file, rules="paystand.receivables"), context=Euros())
    state.answer("expect-total", "150.00")
    assert state.choices.expected.totals == {"EUR": 15000}
    assert [question.default for question in state.questions() if question.name == "currency"] == ["EUR"]
    state.answer("currency", "JPY")
    state.answer("expect-total", "150")
    assert state.choices.expected.totals == {"JPY": 150}


def test_where_nothing_is_chosen_the_settings_are_named(tmp_path):  # S1-17
    path = tmp_path / "sent.csv"
    path.write_text("invoiceId,companyId,companyName,invoiceDate,total,webServiceDate,quantity,rate,lineAmount\n1,5,Acme,10/31/2026,9.00,2026-11-01,1,9,9.00\n", encoding="utf-8")
    state = Wizard(Choices(source=path, rules="autotask.invoices"))
    (says,) = state.obstacles(Step.CHECK)
    assert says.startswith("Nothing to import: the setting ") and says.endswith(" leaves out every invoice of the file. Choose otherwise at the settings.")
    state.setting(says.split()[5], "include")
    assert state.obstacles(Step.CHECK) == []


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
    for text in ("USD 45,310.00 and EUR -5.10", "usd=45,310.00 EUR = -5.10", "45310 EUR -5.10", "USD $45,310.00, EUR -5.10"):
        assert expected_totals(None, [text], "USD").totals == {"USD": 4531000, "EUR": -510}, text
    assert expected_totals(None, ["1.00"], "EUR").totals == {"EUR": 100}
    with pytest.raises(CannotRun, match="Two expected totals"):
        expected_totals(None, ["USD=1.00", "2.00"], "USD")
    with pytest.raises(CannotRun):
        expected_totals(None, ["lots"], "USD")


SALES = "Client number,Invoice number,Date,Type,Qty,Price,Amount,Frame\n1042,1,01/15/2012,Reorder,1,25.00,25.00,Oak\n1042,1,01/15/2012,Reorder,2,5.00,,Oak\n"


@pytest.fixture
def sales(tmp_path):
    path = tmp_path / "sales.txt"
    path.write_text(SALES, encoding="utf-8")
    return Wizard(Choices(source=path, rules="spectra.invoices"))


def test_the_row_mode_is_asked_and_decides_which_fields_are_offered(sales):  # S0-4
    asked = sales.row_mode
    assert (asked.name, asked.choices, asked.value) == ("rowMode", ("single", "multi"), "")
    assert "quantity" not in sales.mapping.fields and "rowMode" not in [question.name for question in sales.questions()]
    sales.answer("rowMode", "multi")
    assert (sales.row_mode.value, sales.mapping.fields["quantity"], sales.mapping.fields["unitPrice"]) == ("multi", 4, 5)
    assert sales.report.invoices == 1 and len(sales.report.lines) == 2
    assert Wizard(Choices(source=sales.choices.source, rules="paystand.customers")).row_mode is None


def test_choices_of_the_other_row_mode_come_back(sales):  # S0-4, S0-24
    sales.answer("rowMode", "multi")
    sales.give("lineDiscount", "Amount")
    sales.give("description", "Frame")
    sales.answer("lineTaxable", "no")
    sales.answer("rowMode", "single")
    assert "lineDiscount" not in sales.mapping.fields and sales.mapping.fields["description"] == 7
    assert sales.report.invoices == 2
    sales.answer("rowMode", "multi")
    assert (sales.mapping.fields["lineDiscount"], sales.report.settings["lineTaxable"]) == (6, "no")


def test_titles_of_the_users_own_match_columns_anew(sales):  # S0-21
    assert sales.mapping.fields["custom1"] is None
    sales.setting("custom1.title", "Frame")
    assert (sales.mapping.fields["custom1"], sales.rules.fields["custom1"].title) == (7, "Frame")
    sales.setting("custom1.title", None)
    assert sales.mapping.fields["custom1"] is None


def test_the_settings_of_a_batch_are_asked(sales):  # S0-14, S0-17
    asked = {question.name: question for question in sales.questions()}
    batch = ["invoiceDate", "invoiceType", "description", "status", "statusDueDate", "salesRep", "paymentDueDate", "approxDeliveryDate", "custom1", "customDate1", "taxRate", "priceListItem", "paymentMethod"]
    assert {name for name in asked if name in batch} == set(batch)
    assert (asked["invoiceDate"].default, asked["status"].default) == ("what the file says", "nothing")
    assert asked["invoiceType"].choices[0] == "Session Fee" and asked["invoiceDate.padded"].choices == ("no", "yes")


def test_a_template_keeps_what_an_import_needs(sales, tmp_path):  # S0-22
    path = tmp_path / "old.txt"
    path.write_text(SALES.split("\n", 1)[1], encoding="utf-8")
    letters = dict(zip(("clientNumber", "invoiceNumber", "invoiceDate", "invoiceType", "quantity", "unitPrice", "custom1"), "ABCDEFH", strict=True))
    first = Wizard(Choices(source=path, rules="spectra.invoices", header="none", given=letters, settings={"rowMode": "multi", "custom1.title": "Frame", "description": "Old"}))
    kept = template(first)
    assert (kept.kind, kept.header, kept.settings) == ("csv", "none", {"rowMode": "multi", "custom1.title": "Frame", "description": "Old"})
    again = Wizard(Choices(source=path, rules="spectra.invoices", saved=kept))
    assert again.report.rows.equals(first.report.rows) and again.report.lines.equals(first.report.lines)
    assert (again.table.headings[0], again.mapping.fields["custom1"], again.row_mode.value, again.rules.fields["custom1"].title) == ("A", 7, "multi", "Frame")
    assert again.missing == ()


def test_a_template_of_a_file_with_headings_finds_them_anew(sales):  # S0-22
    assert (template(sales).header, template(sales).settings) == ("auto", {"rowMode": "single"})
    sales.choose(header=1)
    assert template(sales).header == 1


def test_an_edited_cell_is_checked_in_place_of_the_files_and_told(state):
    assert state.report.rejected == 1
    state.edit(3, 3, "50.00")
    assert (state.report.rejected, state.report.table.source) == (0, "may.csv (1 cell edited)")
    told = [problem for problem in state.report.problems if problem.rule == "edited-cell"]
    assert [(problem.cell, problem.value, problem.message) for problem in told] == [
        ("D3", "50.00", 'The file says "60.00" here. It was changed after the file was read.')
    ]
    assert state.table.shown(1, 3) == "60.00"


@pytest.mark.parametrize("text", [None, "60.00"])
def test_an_edit_can_be_taken_back(state, text):
    state.edit(3, 3, "50.00")
    state.edit(3, 3, text)
    assert (state.choices.edits, state.report.rejected) == ({}, 1)


def test_edits_stay_with_going_back_and_go_with_another_heading_row(state):  # S0-24
    state.edit(3, 3, "50.00")
    state.back()
    assert state.choices.edits
    state.choose(header="none")
    assert state.choices.edits == {}


@pytest.mark.parametrize("cell", [(1, 3), (4, 3), (3, 10), (3, -1)])
def test_a_cell_outside_the_data_cannot_be_edited(state, cell):
    with pytest.raises(CannotRun, match="among its data"):
        state.edit(*cell, "x")


def test_the_receipt_tells_that_cells_were_edited(file, tmp_path):
    state = Wizard(Choices(source=file, rules="paystand.receivables"), store=open_store(tmp_path / "books.sqlite"))
    state.edit(3, 3, "50.00")
    receipt = state.commit()
    assert (receipt.source, receipt.details["edited"], receipt.counts["created"]) == ("may.csv (1 cell edited)", ["D3"], 2)


def test_entering_another_entity_makes_the_report_anew_and_keeps_the_table(file, tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    store.add_entity("studio")
    state = Wizard(Choices(source=file, rules="paystand.receivables"), store=store)
    table, report = state.table, state.report
    state.enter(open_store(tmp_path / "books.sqlite", "studio"))
    assert state.table is table
    assert (report.entity.name, state.report.entity.name) == ("main", "studio")


DECLARED = {"expected": expected_totals(2, ["150.00"], "USD"), "open_items_complete": True, "close_absent": True, "accept": ("number-again",)}


def declared(state):
    """What is declared of the file and said yes to."""
    return {name: getattr(state.choices, name) for name in DECLARED}


NOTHING = {"expected": None, "open_items_complete": False, "close_absent": False, "accept": ()}


@pytest.mark.parametrize("change", [{"source": "june.csv"}, {"source": None}, {"sheet": "Notes"}])
def test_what_is_declared_of_a_file_goes_with_another_file_or_sheet(state, change):
    state.choose(**DECLARED, all_or_nothing=True)
    state.choose(**change)
    assert (declared(state), state.choices.all_or_nothing) == (NOTHING, True)


def test_what_is_declared_of_a_file_stays_however_it_is_read_and_before_one_is_chosen(file):  # S0-24, X-20
    state = Wizard(Choices(rules="paystand.receivables", **DECLARED))
    state.choose(source=file)
    state.choose(header=1, encoding="cp1252")
    state.choose(source=file)
    assert declared(state) == DECLARED
    state.choose(source="june.csv", expected=DECLARED["expected"])
    assert declared(state) == {**NOTHING, "expected": DECLARED["expected"]}


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ("", {"expected", "open_items_complete"}),
        ("quickbooks.history", {"expected", "open_items_complete"}),
        ("spectrum.invoices", {"expected"}),
        ("paystand.customers", set()),
    ],
)
def test_what_other_rules_do_not_know_goes_with_a_change_of_rules(state, rules, kept):
    state.choose(**DECLARED, all_or_nothing=False)
    state.choose(rules=rules)
    assert {name for name, value in declared(state).items() if value != NOTHING[name]} == kept
    assert state.choices.all_or_nothing is None


def test_other_rules_bring_the_corrections_remembered_for_them(file, tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    store.save_corrections(Corrections({("isCanceled", "Y"): "yes"}, {}, "Hollis"), "paystand.receivables")
    state = Wizard(Choices(source=file, rules="paystand.receivables"), store=store)
    state.answer("sender", "Hollis")
    assert state.choices.corrections.version == 1
    state.choose(rules="spectra.invoices")
    assert (state.choices.corrections.sender, state.choices.corrections.version) == ("Hollis", 0)
    state.choose(rules="paystand.receivables")
    assert state.choices.corrections.version == 1


def test_another_entity_is_asked_for_its_own_yes(file, tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    store.add_entity("studio")
    state = Wizard(Choices(source=file, rules="paystand.receivables", **DECLARED), store=store)
    state.enter(open_store(tmp_path / "books.sqlite", "studio"))
    assert declared(state) == {**DECLARED, "close_absent": False, "accept": ()}


def test_a_file_that_was_changed_on_disk_is_read_again_without_its_edits(state, file):
    assert (read_again(state), state.made(Step.SOURCE)) == (False, False), "nobody has read it yet"
    state.edit(3, 3, "50.00")
    state.choose(accept=("number-again",), given={"customerName": 4})
    report = state.report
    assert (changed_on_disk(state), read_again(state), state.report is report) == (False, False, True)
    file.write_text(HEAD + GOOD, encoding="utf-8")
    assert (changed_on_disk(state), read_again(state), changed_on_disk(state)) == (True, True, False)
    assert (state.report.invoices, state.choices.edits, state.choices.accept, state.choices.given) == (1, {}, (), {"customerName": 4})
    file.write_text("Note," + HEAD + "x," + GOOD, encoding="utf-8")
    assert (read_again(state), state.choices.given) == (True, {})


def test_a_file_that_is_gone_was_not_changed_but_cannot_be_read_again(state, file):
    state.edit(3, 3, "50.00")
    file.unlink()
    assert not changed_on_disk(state)
    with pytest.raises(CannotRun, match="There is no file"):
        read_again(state)
    assert state.choices.edits == {}


def test_what_was_handed_over_cannot_change_on_disk():
    state = Wizard(Choices(source=("may.csv", (HEAD + GOOD).encode()), rules="paystand.receivables"))
    assert (len(state.table), changed_on_disk(state), read_again(state)) == (1, False, False)
