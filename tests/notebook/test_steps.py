"""What can be done at each step of the wizard, by its controls, without a kernel."""

import pytest

from invoice_rules import open_store
from invoice_rules.notebook.receipts import receipt_html
from invoice_rules.wizard import Step
from tests.notebook.importing import ATTACK, BAD, GOOD, HEAD, RULES, at, begun, choose, click, line, put, sent

# the file


def test_the_heading_row_sheet_and_encoding_can_be_chosen(tmp_path):  # S0-8
    wizard = at(Step.SOURCE, tmp_path, GOOD)
    assert "may.csv · Paystand receivables · 2 rows · utf-8 · comma · headings in row 1" in wizard.source.info.value
    choose(wizard.source.header, "none", wizard)
    assert "3 rows" in wizard.source.info.value
    choose(wizard.source.encoding, "cp1252", wizard)
    assert (wizard.state.choices.header, wizard.state.choices.encoding, wizard.source.sheet.layout.display) == ("none", "cp1252", "none")
    choose(wizard.source.encoding, None, wizard)
    assert wizard.state.choices.encoding is None


def test_a_sheet_is_chosen_where_there_are_several(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HEAD.strip().split(","))
    book.active.append(line(1).strip().split(","))
    book.create_sheet("Notes").append(["Nothing", "to", "import"])
    book["Notes"].append(["a", "b", "c"])
    book.save(tmp_path / "may.xlsx")
    wizard = begun(tmp_path)
    choose(wizard.source.rules, RULES, wizard)
    wizard.source.take(tmp_path / "may.xlsx")
    assert wizard.wait()
    assert ([value for _, value in wizard.source.sheet.options], wizard.source.sheet.value) == (["Sheet", "Notes"], "Sheet")
    choose(wizard.source.sheet, "Notes", wizard)
    assert "sheet &quot;Notes&quot;" in wizard.source.info.value


def test_the_row_mode_is_asked_where_the_rules_have_one(tmp_path):  # S0-4
    wizard = begun(tmp_path)
    choose(wizard.source.rules, "spectra.invoices", wizard)
    assert wizard.source.mode.layout.display is None
    assert [words for words, _ in wizard.source.mode.options] == ["a row is a whole invoice", "several rows may be one invoice, a row a line"]
    choose(wizard.source.mode, "multi", wizard)
    assert wizard.state.choices.settings == {"rowMode": "multi"}
    choose(wizard.source.rules, RULES, wizard)
    assert (wizard.source.mode.layout.display, wizard.state.choices.settings) == ("none", {})


def test_an_upload_is_read_and_goes_when_another_file_is_chosen(tmp_path):
    wizard = begun(tmp_path)
    choose(wizard.source.rules, RULES, wizard)
    data = GOOD.encode()
    pieces = [{"kind": "start", "turn": "a", "name": "up.csv", "size": len(data)}, {"kind": "piece", "turn": "a", "at": 0, "buffers": [data]}, {"kind": "end", "turn": "a"}]
    sent(wizard.source.upload, *({"number": number, **message} for number, message in enumerate(pieces)))
    assert wizard.wait()
    assert "up.csv · Paystand receivables · 2 rows" in wizard.source.info.value
    uploaded = wizard.state.choices.source
    wizard.source.take(put(tmp_path, GOOD))
    assert wizard.wait()
    assert (uploaded.exists(), (tmp_path / "may.csv").exists()) == (False, True)


def test_the_error_workbook_of_an_upload_goes_to_the_notebooks_folder(tmp_path):  # S0-25
    inbox = tmp_path / "notebooks"
    inbox.mkdir()
    wizard = begun(tmp_path)
    wizard.folder = inbox
    choose(wizard.source.rules, RULES, wizard)
    path = wizard.keeper.uploads / "x" / "up.csv"
    path.parent.mkdir(parents=True)
    path.write_text(BAD)
    wizard.source.take(path)
    assert wizard.wait()
    for _ in range(4):
        click(wizard.next, wizard)
    click(wizard.confirm.commit, wizard)
    assert wizard.confirm.workbook.parent == inbox
    click(wizard.confirm.another, wizard)
    assert not path.exists()


# its columns


def test_columns_come_with_samples_and_fields_with_the_reason_of_their_guess(tmp_path):  # X-13, S3-15
    wizard = at(Step.MAPPING, tmp_path, GOOD)
    column, field = wizard.columns.mapper.columns[4], wizard.columns.mapper.fields[4]
    assert column == {"letter": "E", "heading": "Customer name", "samples": ["Miller Studio"]}
    assert (field["title"], field["required"], field["column"], field["how"]) == ("Customer name", True, 4, "Guess: same words as the title")


def test_the_page_gives_fields_to_columns_and_no_nonsense(tmp_path):  # S0-7
    wizard = at(Step.MAPPING, tmp_path, GOOD)
    sent(wizard.columns.mapper, {"kind": "give", "field": "customerName", "column": 5}, {"kind": "give", "field": "isCanceled", "column": None})
    assert wizard.wait()
    assert wizard.state.choices.given == {"customerName": 5, "isCanceled": ""}
    sent(wizard.columns.mapper, {"kind": "give", "field": "nothing", "column": 1}, {"kind": "take", "field": "amount"}, {"kind": "give"})
    assert wizard.wait()
    assert wizard.state.choices.given == {"customerName": 5, "isCanceled": ""}
    click(wizard.columns.reset, wizard)
    assert (wizard.state.choices.given, wizard.columns.reset.disabled) == ({}, True)


def test_columns_with_the_same_heading_are_told_apart_by_their_place(tmp_path):
    head = HEAD.strip() + ",Note,Note,3\n"
    wizard = at(Step.MAPPING, tmp_path, head + line(1).strip() + ",a,b,c\n")
    wizard.columns.give("customerName", 11)
    assert wizard.wait()
    assert wizard.state.mapping.fields["customerName"] == 11
    wizard.columns.give("customerName", 2)
    assert wizard.wait()
    assert wizard.state.mapping.fields["customerName"] == 2


def test_a_mapping_is_kept_found_again_and_replaced_with_a_second_press(tmp_path):  # S0-22, S0-23, S3-16
    wizard = at(Step.MAPPING, tmp_path, GOOD.replace("Customer name", "Wer"))
    wizard.columns.give("customerName", 4)
    for _ in range(3):
        click(wizard.next, wizard) if wizard.wait() else None
    click(wizard.confirm.commit, wizard)
    click(wizard.confirm.saving.save, wizard)
    assert "Give them a name first" in wizard.confirm.saving.told.value
    wizard.confirm.saving.name.value = "hollis"
    click(wizard.confirm.saving.save, wizard)
    assert "Kept as &quot;hollis&quot;, version 1" in wizard.confirm.saving.told.value
    click(wizard.confirm.another, wizard)
    choose(wizard.source.rules, f"{RULES}|hollis", wizard)
    wizard.source.take(put(tmp_path, GOOD.replace("Customer name", "Wer")))
    assert wizard.wait()
    click(wizard.next, wizard)
    assert (wizard.state.mapping.fields["customerName"], wizard.columns.saved.value) == (4, "hollis")
    wizard.columns.give("customerName", 5)
    for _ in range(3):
        click(wizard.next, wizard) if wizard.wait() else None
    click(wizard.confirm.commit, wizard)
    wizard.confirm.saving.name.value = "hollis"
    click(wizard.confirm.saving.save, wizard)
    assert (wizard.confirm.saving.save.description, wizard.store.mapping(RULES, "hollis").version) == ("Replace version 1", 1)
    click(wizard.confirm.saving.save, wizard)
    assert wizard.store.mapping(RULES, "hollis").version == 2


# settings


def test_a_missing_field_wants_a_column_or_a_value(tmp_path):
    wizard = at(Step.MAPPING, tmp_path, GOOD.replace("Canceled", "Flag X"))
    click(wizard.next, wizard)
    assert wizard.next.disabled
    assert "Canceled has neither a column nor a value" in wizard.obstacles.value
    choose(wizard.settings.asked["isCanceled"], "no", wizard)
    assert not wizard.next.disabled


def test_an_answer_that_means_nothing_is_told_beside_its_question_and_kept_to_be_mended(tmp_path):
    wizard = at(Step.SETTINGS, tmp_path, GOOD)
    choose(wizard.settings.asked["expect-count"], "many", wizard)
    assert wizard.settings._told["expect-count"].value.startswith('<p class="ir-bad">')
    assert (wizard.settings.asked["expect-count"].value, wizard.next.disabled, wizard.frame.messages) == ("many", True, [])
    choose(wizard.settings.asked["expect-count"], "2", wizard)
    assert (wizard.settings._told["expect-count"].value, wizard.next.disabled) == ("", False)


def test_totals_that_differ_from_the_file_keep_everything_out(tmp_path):
    wizard = at(Step.SETTINGS, tmp_path, GOOD)
    choose(wizard.settings.asked["expect-total"], "210.00", wizard)
    click(wizard.next, wizard)
    assert "210.00" in wizard.check.about_file.value
    assert wizard.next.disabled


def test_another_entity_is_entered_and_named_at_the_end(tmp_path):
    open_store(tmp_path / "books.sqlite").add_entity("studio")
    wizard = at(Step.SETTINGS, tmp_path, GOOD)
    choose(wizard.settings.entity, "studio", wizard)
    click(wizard.next, wizard)
    click(wizard.next, wizard)
    assert "may.csv into studio" in wizard.confirm.plan.value
    assert begun(tmp_path).state.store.entity.name == "studio"
    click(wizard.confirm.commit, wizard)
    assert wizard.receipt.entity == "studio"


def test_open_invoices_that_a_complete_list_does_not_have_are_shown_and_closed_with_a_tick(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, HEAD + line(1) + line(2))
    click(wizard.confirm.commit, wizard)
    click(wizard.confirm.another, wizard)
    wizard.source.take(put(tmp_path, HEAD + line(1), "june.csv"))
    assert wizard.wait()
    click(wizard.next, wizard)
    click(wizard.next, wizard)
    choose(wizard.settings.asked["open-items-complete"], "yes", wizard)
    click(wizard.next, wizard)
    click(wizard.next, wizard)
    assert (wizard.confirm.absent.description, wizard.confirm.commit.description) == ("Close 1 absent invoice as Paid", "Keep a receipt that nothing changes")
    choose(wizard.confirm.absent, True, wizard)
    assert wizard.confirm.commit.description == "Close 1 invoice as Paid"
    click(wizard.confirm.commit, wizard)
    assert wizard.receipt.details["closed"] == 1


def test_what_is_declared_of_one_file_is_not_said_of_the_next(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, HEAD + line(1) + line(2) + line(3))
    click(wizard.confirm.commit, wizard)
    click(wizard.confirm.another, wizard)
    wizard.source.take(put(tmp_path, HEAD + line(1), "june.csv"))
    for _ in range(2):
        click(wizard.next, wizard) if wizard.wait() else None
    choose(wizard.settings.asked["open-items-complete"], "yes", wizard)
    choose(wizard.settings.asked["expect-count"], "1", wizard)
    choose(wizard.settings.asked["expect-total"], "about 500", wizard)
    assert wizard.settings.refusals()
    choose(wizard.settings.asked["expect-total"], "100.00", wizard)
    for _ in range(2):
        click(wizard.next, wizard)
    choose(wizard.confirm.absent, True, wizard)
    assert wizard.confirm.commit.description == "Close 2 invoices as Paid"
    wizard.source.take(put(tmp_path, HEAD + line(2), "july.csv"))
    assert wizard.wait()
    wizard.go(Step.SETTINGS)
    assert wizard.wait()
    assert [wizard.settings.asked[name].value for name in ("open-items-complete", "expect-count", "expect-total")] == ["", "", ""]
    wizard.go(Step.CONFIRM)
    assert wizard.wait()
    assert (wizard.confirm.commit.description, wizard.confirm.absent.layout.display) == ("Keep a receipt that nothing changes", "none")


def test_an_answer_that_was_refused_goes_with_its_file(tmp_path):
    wizard = at(Step.SETTINGS, tmp_path, GOOD)
    choose(wizard.settings.asked["expect-total"], "about 500", wizard)
    wizard.source.take(put(tmp_path, HEAD + line(2), "july.csv"))
    assert wizard.wait()
    wizard.go(Step.SETTINGS)
    assert wizard.wait()
    assert (wizard.settings.refusals(), wizard.settings.asked["expect-total"].value) == ([], "")


# the check


def test_safe_fixes_are_applied_and_taken_back(tmp_path):
    wizard = at(Step.CHECK, tmp_path, BAD)
    assert wizard.check.fixes.description == "Apply 1 safe fix"
    click(wizard.check.fixes, wizard)
    assert "1 of 3 invoices has errors" in wizard.check.summary.value
    click(wizard.check.fixes, wizard)
    assert "2 of 3 invoices have errors" in wizard.check.summary.value


def test_what_was_filled_in_and_what_is_only_told_stands_below_the_grid(tmp_path):  # X-11, S0-16, S3-17
    wizard = at(Step.MAPPING, tmp_path, HEAD.strip() + ",<b>\n" + line(1).strip() + ",x\n")
    click(wizard.next, wizard)
    choose(wizard.settings.asked["currency"], "EUR", wizard)
    click(wizard.next, wizard)
    wizard.check.edit(2, 2, "90.00")
    assert wizard.wait()
    told = wizard.check.told.value
    assert "1 column is not used: &lt;b&gt;." in told
    assert "C2: The file says &quot;100.00&quot; here." in told
    assert "<b>" not in told


def test_values_for_every_row_tell_what_they_replace(tmp_path):  # S0-16
    wizard = at(Step.SETTINGS, tmp_path, GOOD)
    wizard.state.setting("isCanceled", "yes")
    click(wizard.next, wizard)
    assert "<td>Canceled</td><td>your value for every row</td><td class=\"ir-right\">2</td><td class=\"ir-right\">2</td>" in wizard.check.told.value


def test_edits_are_taken_back_all_at_once(tmp_path):
    wizard = at(Step.CHECK, tmp_path, BAD)
    wizard.check.edit(3, 3, "50.00")
    wizard.check.edit(4, 8, "no")
    assert wizard.wait()
    assert "All 3 invoices are ready" in wizard.check.summary.value
    assert wizard.check.undo.description == "Take 2 edits back"
    click(wizard.check.undo, wizard)
    assert (wizard.state.choices.edits, wizard.check.undo.layout.display) == ({}, "none")


def test_doubts_are_confirmed_by_kind(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, HEAD + line(1, due="0.00"))
    click(wizard.confirm.commit, wizard)
    click(wizard.confirm.another, wizard)
    wizard.source.take(put(tmp_path, HEAD + line(1, due="40.00"), "june.csv"))
    assert wizard.wait()
    for _ in range(3):
        click(wizard.next, wizard)
    ticks = [one for one in wizard.check.holds.children if one.description.startswith("Accept: ")]
    assert (len(ticks), "waits for a yes" in wizard.check.summary.value) == (2, True)  # paid ones reopened, amounts due that rise
    choose(ticks[0], True, wizard)
    assert "waits for a yes" in wizard.check.summary.value
    choose(ticks[1], True, wizard)
    click(wizard.next, wizard)
    assert wizard.confirm.commit.description == "Import 1 invoice"
    assert "What changes" in wizard.confirm.plan.value
    click(wizard.back, wizard)
    choose(ticks[0], False, wizard)
    click(wizard.next, wizard)
    assert (wizard.confirm.commit.description, wizard.confirm.commit.disabled) == ("Nothing to import", True)


def test_a_rule_is_shown_in_the_grid_and_taken_home_without_formulas(tmp_path):
    wizard = at(Step.CHECK, tmp_path, HEAD + line(1) + line(2, name="=cmd|x") + line(3, canceled="Y"))
    kinds = [one["rule"] for one in wizard.check.tally.lines]
    sent(wizard.check.tally, {"kind": "rows", "at": kinds.index("content")})
    assert (wizard.check.grid.chosen, wizard.check.grid.count) == ("rule:content|customerName", 1)
    files = []
    wizard.frame.send = lambda content, buffers: files.append((content["name"], bytes(buffers[0]).decode("utf-8-sig")))
    sent(wizard.check.tally, {"kind": "csv", "at": kinds.index("content")}, {"kind": "csv", "at": 99}, {"kind": "format"})
    assert wizard.wait()
    assert files[0][0] == "may - content.csv"
    assert "'=cmd|x" in files[0][1]
    assert "Row,".casefold() in files[0][1].casefold()


def test_the_error_workbook_is_taken_home_before_the_import(tmp_path):  # S0-26
    wizard = at(Step.CHECK, tmp_path, BAD)
    files = []
    wizard.frame.send = lambda content, buffers: files.append((content["name"], bytes(buffers[0][:2])))
    click(wizard.check.workbook, wizard)
    assert (files[0][0].startswith("may - to fix"), files[0][1]) == (True, b"PK")
    assert not list(tmp_path.glob("*to fix*"))


def test_all_or_nothing_is_a_choice(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, BAD)
    choose(wizard.confirm.whole, True, wizard)
    assert (wizard.confirm.commit.description, wizard.confirm.commit.disabled) == ("Nothing to import", True)


def test_a_senders_fixes_are_remembered(tmp_path):
    wizard = at(Step.SETTINGS, tmp_path, BAD)
    choose(wizard.settings.asked["sender"], "Hollis", wizard)
    click(wizard.next, wizard)
    click(wizard.check.fixes, wizard)
    click(wizard.next, wizard)
    click(wizard.confirm.commit, wizard)
    click(wizard.confirm.saving.remember, wizard)
    assert "1 correction remembered for Hollis" in wizard.confirm.saving.told.value
    assert wizard.store.corrections(RULES, "Hollis").version == 1


def test_a_receipt_shows_amounts_as_people_read_them(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, HEAD + line(1).replace("100.00", "1234567.50"))
    click(wizard.confirm.commit, wizard)
    assert "USD 1,234,567.50" in receipt_html(wizard.receipt)


def test_a_receipt_is_escaped(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD, name=f"{ATTACK.replace('/', '')}.csv")
    click(wizard.confirm.commit, wizard)
    assert "<img" not in receipt_html(wizard.receipt)
    assert "&lt;img" in receipt_html(wizard.receipt)


@pytest.mark.parametrize("rules", ["spectra.invoices", "quickbooks.history", "spectrum.invoices", "autotask.invoices", "paystand.customers", "spectra.clients"])
def test_every_rule_set_gets_through_its_columns_and_settings(tmp_path, rules):
    wizard = at(Step.MAPPING, tmp_path, GOOD, rules=rules)
    assert wizard.columns.mapper.fields
    click(wizard.next, wizard)
    assert wizard.settings.asked
    assert wizard.frame.messages == []
