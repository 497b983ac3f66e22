"""The import wizard without a kernel: every step by its buttons, from the file to the receipt (S0-1, S0-24, S3-18, S3-19)."""

import json
import threading

import pytest

from invoice_rules import CannotRun, history, open_store
from invoice_rules.notebook import ImportWizard
from invoice_rules.wizard import Step
from tests.notebook.importing import ATTACK, BAD, GOOD, HEAD, RULES, at, begun, choose, click, line, put, sent


def test_a_good_file_from_upload_to_receipt(tmp_path):  # S0-1, S3-19
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    assert (wizard.frame.heading, wizard.confirm.commit.description) == ("Step 5 of 5: Confirm", "Import 2 invoices")
    assert "Import 2 invoices (USD 200.00) into main?" in wizard.confirm.plan.value
    click(wizard.confirm.commit, wizard)
    assert wizard.frame.messages == []
    assert dict(wizard.receipt.counts)["created"] == 2
    assert wizard.receipt.sha256 in wizard.confirm.result.value
    assert [one.layout.display for one in (wizard.back, wizard.next, wizard.confirm.before)] == ["none"] * 3


def test_what_stays_out_comes_back_beside_the_file(tmp_path):  # S0-25
    wizard = at(Step.CONFIRM, tmp_path, BAD)
    assert wizard.confirm.commit.description == "Import 1 invoice"
    click(wizard.confirm.commit, wizard)
    assert (wizard.confirm.workbook.parent, wizard.confirm.workbook.is_file()) == (tmp_path, True)
    assert wizard.confirm.workbook.name in wizard.confirm.result.value
    wizard.frame.send = lambda content, buffers: taken.append((content["name"], bytes(buffers[0][:2])))
    taken: list = []
    click(wizard.confirm.download, wizard)
    assert taken == [(wizard.confirm.workbook.name, b"PK")]


def test_nothing_is_written_before_the_button_is_pressed(tmp_path):  # X-6, S0-24
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    assert len(history(wizard.store)) == 0
    click(wizard.back, wizard)
    assert (wizard.state.step, len(history(wizard.store))) == (Step.CHECK, 0)


def test_the_button_pressed_twice_imports_once(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, BAD)
    wizard.confirm.commit.click()
    wizard.confirm.commit.click()
    assert wizard.wait()
    assert (len(history(wizard.store)), len(list(tmp_path.glob("*to fix*")))) == (1, 1)


def test_back_keeps_every_choice(tmp_path):  # S0-24
    wizard = at(Step.SETTINGS, tmp_path, BAD)
    choose(wizard.settings.asked["currency"], "EUR", wizard)
    click(wizard.next, wizard)
    wizard.check.edit(3, 3, "50.00")
    assert wizard.wait()
    for _ in range(3):
        click(wizard.back, wizard)
    assert wizard.frame.heading == "Step 1 of 5: Choose the file"
    for _ in range(3):
        click(wizard.next, wizard)
    assert "EUR 150.00" in wizard.check.summary.value
    assert wizard.state.choices.edits == {(3, 3): "50.00"}


def test_a_step_that_was_reached_can_be_gone_to_and_no_other(tmp_path):
    wizard = at(Step.CHECK, tmp_path, GOOD)
    sent(wizard.frame, {"kind": "go", "step": 2})
    assert wizard.wait()
    assert wizard.state.step is Step.MAPPING
    sent(wizard.frame, {"kind": "go", "step": 5}, {"kind": "go", "step": "4; drop"}, {"kind": "go"})
    assert wizard.wait()
    assert wizard.state.step is Step.MAPPING
    sent(wizard.frame, {"kind": "go", "step": 4})
    assert wizard.wait()
    assert wizard.frame.heading == "Step 4 of 5: Check"


def test_a_step_that_cannot_be_left_says_why(tmp_path):
    wizard = begun(tmp_path)
    assert (wizard.next.disabled, "No file is chosen yet." in wizard.obstacles.value) == (True, True)
    put(tmp_path, GOOD)
    wizard.source._list_files()
    click(wizard.source.use, wizard)
    assert "Choose what is in the file." in wizard.obstacles.value


def test_a_file_that_cannot_be_read_is_told_and_another_can_be_chosen(tmp_path):
    wizard = begun(tmp_path)
    choose(wizard.source.rules, RULES, wizard)
    wizard.source.take(put(tmp_path, "", "empty.csv"))
    assert wizard.wait()
    assert "empty.csv is empty" in wizard.frame.messages[0]
    assert wizard.next.disabled
    wizard.source.take(put(tmp_path, GOOD))
    assert wizard.wait()
    assert (wizard.frame.messages, wizard.next.disabled) == ([], False)


def test_a_file_without_anything_that_could_go_in_stays_at_the_check(tmp_path):
    wizard = at(Step.CHECK, tmp_path, HEAD + line(1, due="900.00"))
    assert wizard.next.disabled
    assert "No invoice can go in as the file stands" in wizard.obstacles.value


def test_the_store_that_changed_meanwhile_makes_the_plan_anew(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    other = ImportWizard(open_store(tmp_path / "books.sqlite"), source=put(tmp_path, HEAD + line(1), "one.csv"), rules=RULES)
    assert other.wait()
    other.go(Step.CONFIRM)
    assert other.wait()
    for _ in range(4):
        click(other.next, other) if other.state.step < Step.CONFIRM else None
    click(other.confirm.commit, other)
    click(wizard.confirm.commit, wizard)
    assert "Somebody changed these books" in wizard.frame.messages[0]
    assert (wizard.receipt, wizard.confirm.commit.description) == (None, "Import 1 invoice")
    click(wizard.confirm.commit, wizard)
    assert (wizard.receipt.counts["created"], wizard.receipt.counts["unchanged"]) == (1, 1)


def test_another_file_after_the_receipt_goes_by_the_same_rules(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    click(wizard.confirm.commit, wizard)
    click(wizard.confirm.another, wizard)
    assert (wizard.state.step, wizard.state.choices.rules, wizard.state.choices.source, wizard.receipt) == (Step.SOURCE, RULES, None, None)


def test_a_choice_after_the_receipt_begins_another_import(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    click(wizard.confirm.commit, wizard)
    wizard.go(Step.SOURCE)
    assert wizard.wait()
    assert begun(tmp_path).receipt.batch == wizard.receipt.batch
    wizard.source.take(put(tmp_path, HEAD + line(7) + line(8) + line(9), "june.csv"))
    assert wizard.wait()
    assert (wizard.receipt, wizard.back.layout.display, wizard.start.layout.display) == (None, None, None)
    resumed = begun(tmp_path)
    assert (resumed.receipt, resumed.frame.notes) == (None, ["Here you left off: june.csv."])
    for _ in range(4):
        click(wizard.next, wizard)
    assert [one.layout.display for one in (wizard.confirm.before, wizard.confirm.after)] == [None, "none"]
    assert wizard.confirm.commit.description == "Import 3 invoices"
    click(wizard.confirm.commit, wizard)
    assert (wizard.receipt.source, wizard.confirm.after.layout.display, len(history(wizard.store))) == ("june.csv", None, 2)


def test_a_file_that_was_corrected_on_disk_is_read_when_it_is_used_again(tmp_path):  # S0-24
    wizard = at(Step.CHECK, tmp_path, BAD)
    wizard.check.edit(3, 3, "50.00")
    assert wizard.wait()
    put(tmp_path, GOOD)
    wizard.go(Step.SOURCE)
    assert wizard.wait()
    click(wizard.source.use, wizard)
    assert "may.csv · Paystand receivables · 2 rows" in wizard.source.info.value
    assert wizard.frame.notes == ["may.csv was changed since it was read last, so it was read again. Cells that were edited here are as the file has them."]
    wizard.go(Step.CHECK)
    assert wizard.wait()
    assert "All 2 invoices are ready" in wizard.check.summary.value


def test_a_file_that_was_changed_before_the_confirmation_is_checked_again_first(tmp_path):
    wizard = at(Step.CHECK, tmp_path, GOOD)
    put(tmp_path, BAD)
    click(wizard.next, wizard)
    assert (wizard.frame.heading, wizard.stack.selected_index) == ("Step 4 of 5: Check", 3)
    assert "2 of 3 invoices have errors" in wizard.check.summary.value
    assert "may.csv was changed since it was read last" in wizard.frame.notes[0]
    click(wizard.next, wizard)
    assert (wizard.frame.heading, wizard.confirm.commit.description) == ("Step 5 of 5: Confirm", "Import 1 invoice")


def test_a_file_that_was_changed_after_the_plan_is_not_imported(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    put(tmp_path, HEAD.replace("Contact e-mail", "Wer") + line(1))
    click(wizard.confirm.commit, wizard)
    assert (wizard.receipt, len(history(wizard.store))) == (None, 0)
    assert wizard.frame.messages == ["Nothing was imported. Look at what the file holds now, then import it."]
    assert "may.csv was changed since it was read last" in wizard.frame.notes[0]
    assert (wizard.frame.heading, wizard.stack.selected_index) == ("Step 2 of 5: Match columns", 1)


def test_a_file_that_cannot_be_read_any_more_leads_back_to_the_file(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    put(tmp_path, HEAD + "\0" * 3000)
    click(wizard.confirm.commit, wizard)
    assert (wizard.receipt, wizard.frame.heading, wizard.next.disabled) == (None, "Step 1 of 5: Choose the file", True)
    assert len(wizard.frame.messages) == 1
    put(tmp_path, GOOD)
    click(wizard.source.use, wizard)
    assert (wizard.frame.messages, wizard.next.disabled) == ([], False)


def test_looking_back_after_the_receipt_keeps_it(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    click(wizard.confirm.commit, wizard)
    wizard.go(Step.MAPPING)
    assert wizard.wait()
    for _ in range(3):
        click(wizard.next, wizard)
    assert (wizard.confirm.after.layout.display, wizard.receipt.counts["created"]) == (None, 2)


def test_a_choice_after_a_receipt_from_before_a_restart_begins_another_import(tmp_path):
    before = at(Step.CONFIRM, tmp_path, GOOD)
    click(before.confirm.commit, before)
    wizard = begun(tmp_path)
    wizard.source.take(put(tmp_path, HEAD + line(7), "june.csv"))
    assert wizard.wait()
    wizard.go(Step.CONFIRM)
    assert wizard.wait()
    assert (wizard.receipt, wizard.confirm.commit.description) == (None, "Import 1 invoice")


def test_a_plan_that_cannot_be_made_leaves_nothing_of_the_plan_before(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    assert "may.csv" in wizard.confirm.plan.value
    customers = "Customer ID,Customer name,Contact e-mail,Contact name\nC-9,Miller Studio,ap@miller-studio.co,Ada Miller\n"
    wizard.state.choose(rules="paystand.customers", source=put(tmp_path, customers, "customers.csv"), open_items_complete=True)
    wizard.go(Step.CONFIRM)
    assert wizard.wait()
    assert "no file can be their complete list" in wizard.frame.messages[0]
    assert (wizard.confirm.plan.value, wizard.confirm.absent.layout.display) == ("", "none")
    assert (wizard.confirm.commit.description, wizard.confirm.commit.disabled) == ("Import", True)


# stopping


def stopping_commit(monkeypatch, wizard, blocks: int):
    """Let the store tell progress often, and the user stop after so many tellings."""
    from invoice_rules.notebook.worker import Progress

    told = Progress.__call__
    calls = []

    def stopped_at(self, done, total, words=""):
        calls.append(done)
        if len(calls) == blocks:
            wizard.stop.click()
        told(self, done, total, words)

    monkeypatch.setattr(Progress, "__call__", stopped_at)
    return calls


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_an_import_that_is_stopped_leaves_nothing_whole_or_in_part(tmp_path, monkeypatch, blocks):
    wizard = at(Step.CONFIRM, tmp_path, HEAD + "".join(line(n) for n in range(15_000)))
    with monkeypatch.context() as patched:
        stopping_commit(patched, wizard, blocks)
        click(wizard.confirm.commit, wizard)
    assert wizard.receipt is None
    assert wizard.frame.notes == ["The import was stopped. Nothing was written."]
    kept = history(wizard.store)
    assert kept[["state", "reason"]].values.tolist() == [["failed", "Stopped by you. Nothing was written."]]
    assert len(wizard.store.invoices()) == 0
    click(wizard.confirm.commit, wizard)
    assert (wizard.receipt.counts["created"], len(wizard.store.invoices())) == (15_000, 15_000)


def test_a_stop_that_comes_too_late_says_so(tmp_path, monkeypatch):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    commit = wizard.state.commit

    def late(progress):
        made = commit(progress)
        wizard.cancel()
        return made

    monkeypatch.setattr(wizard.state, "commit", late)
    click(wizard.confirm.commit, wizard)
    assert wizard.receipt.counts["created"] == 2
    assert "too late to stop" in wizard.frame.notes[0]


# going on


def test_a_new_kernel_goes_on_where_the_user_was(tmp_path):  # S0-24
    before = at(Step.CHECK, tmp_path, BAD)
    before.check.edit(3, 3, "50.00")
    assert before.wait()
    after = begun(tmp_path)
    assert (after.frame.heading, after.frame.notes) == ("Step 4 of 5: Check", ["Here you left off: may.csv."])
    assert after.state.choices == before.state.choices
    assert after.check.summary.value == before.check.summary.value


def test_settings_mapping_totals_and_holds_are_gone_on_with(tmp_path):
    before = at(Step.MAPPING, tmp_path, GOOD)
    before.columns.give("customerName", 5)
    before.columns.give("contactEmail", None)
    click(before.next, before) if before.wait() else None
    for name, value in {"contactEmail": "ap@miller-studio.co", "expect-count": "2", "expect-total": "200.00", "sender": "Miller", "open-items-complete": "yes"}.items():
        choose(before.settings.asked[name], value, before)
    after = begun(tmp_path)
    assert after.frame.heading == "Step 3 of 5: Settings"
    assert after.state.choices == before.state.choices
    assert after.state.mapping.fields["customerName"] == 5


def test_a_receipt_is_still_there_after_a_restart(tmp_path):
    before = at(Step.CONFIRM, tmp_path, BAD)
    click(before.confirm.commit, before)
    after = begun(tmp_path)
    assert (after.receipt.batch, after.confirm.workbook) == (before.receipt.batch, before.confirm.workbook)
    assert after.confirm.result.value == before.confirm.result.value
    click(after.confirm.another, after)
    assert begun(tmp_path).state.step is Step.SOURCE


def test_a_kernel_that_died_while_importing_finds_the_receipt_or_says_that_nothing_is_in(tmp_path):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    plan = wizard.state.plan.id
    wizard.keep(importing=plan)
    died_before = begun(tmp_path)
    assert "nothing of it is in the books" in " ".join(died_before.frame.notes)
    assert died_before.receipt is None
    wizard._extra = {}
    wizard.keep(importing=plan)
    wizard.state.commit()
    died_after = begun(tmp_path)
    assert died_after.receipt.batch == plan


def test_a_file_that_changed_meanwhile_is_read_anew_without_the_edits(tmp_path):
    wizard = at(Step.CHECK, tmp_path, BAD)
    wizard.check.edit(3, 3, "50.00")
    assert wizard.wait()
    put(tmp_path, GOOD)
    after = begun(tmp_path)
    assert after.state.choices.edits == {}
    assert "may.csv was changed since it was read last" in after.frame.notes[0]


def test_a_file_that_is_gone_is_told_and_the_wizard_begins_anew(tmp_path):
    at(Step.CHECK, tmp_path, GOOD)
    (tmp_path / "may.csv").unlink()
    after = begun(tmp_path)
    assert "There is no file" in after.frame.messages[0]
    assert (after.state.step, after.state.choices.source) == (Step.SOURCE, None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 0}', '{"version": 1}', '{"version": 1, "choices": {}, "step": 9}', '{"version": 1, "choices": {"rules": "none.such"}, "source": {"path": "x"}, "step": 2}'])
def test_kept_choices_that_nobody_can_read_begin_anew(tmp_path, text):
    wizard = at(Step.CHECK, tmp_path, GOOD)
    wizard.keeper.file.write_text(text)
    after = begun(tmp_path)
    assert after.state.step is Step.SOURCE
    put(tmp_path, GOOD)
    choose(after.source.rules, RULES, after)
    after.source.take(tmp_path / "may.csv")
    assert after.wait()
    click(after.next, after)
    assert after.frame.heading == "Step 2 of 5: Match columns"


def test_what_is_kept_holds_no_rows_and_only_the_user_may_read_it(tmp_path):
    wizard = at(Step.CHECK, tmp_path, GOOD)
    text = wizard.keeper.file.read_text(encoding="utf-8")
    assert "Miller" not in text
    assert json.loads(text)["step"] == 4
    assert (wizard.keeper.file.stat().st_mode & 0o077, wizard.keeper.folder.stat().st_mode & 0o077) == (0, 0)


def test_starting_anew_forgets_the_file_with_a_second_press(tmp_path):
    wizard = at(Step.CHECK, tmp_path, GOOD)
    click(wizard.start, wizard)
    assert (wizard.start.description, wizard.state.step) == ("Yes, forget this import", Step.CHECK)
    click(wizard.next, wizard)
    assert wizard.start.description == "Start anew"
    click(wizard.start, wizard)
    click(wizard.start, wizard)
    assert wizard.state.step is Step.SOURCE
    assert begun(tmp_path).state.choices.source is None


def test_starting_anew_forgets_an_answer_that_was_refused(tmp_path):
    wizard = at(Step.SETTINGS, tmp_path, GOOD)
    choose(wizard.settings.asked["expect-total"], "about 500", wizard)
    assert wizard.settings.refusals()
    click(wizard.start, wizard)
    click(wizard.start, wizard)
    choose(wizard.source.rules, RULES, wizard)
    click(wizard.source.use, wizard)
    for _ in range(3):
        click(wizard.next, wizard)
    assert wizard.state.step is Step.CHECK
    assert wizard.settings.asked["expect-total"].value == ""


# what goes wrong


def test_our_own_mistakes_are_told_with_the_path_of_their_details(tmp_path, monkeypatch):
    monkeypatch.setattr("invoice_rules.trouble.log_folder", lambda: tmp_path)
    wizard = at(Step.MAPPING, tmp_path, GOOD)

    def broken() -> None:
        raise ZeroDivisionError(ATTACK)

    wizard.columns.change("broken", broken)
    assert wizard.wait()
    message = wizard.frame.messages[0]
    assert ("ZeroDivisionError" in message, str(tmp_path) in message, ATTACK in message) == (True, True, False)
    sent(wizard.frame, {"kind": "dismiss"})
    assert wizard.frame.messages == []


def test_no_thread_is_left_and_nothing_is_printed(tmp_path, capfd):
    wizard = at(Step.CONFIRM, tmp_path, GOOD)
    click(wizard.confirm.commit, wizard)
    for thread in threading.enumerate():
        if thread.name == "import wizard":
            thread.join(10)
            assert not thread.is_alive()
    assert capfd.readouterr() == ("", "")


def test_who_may_not_import_is_told_before_the_button(tmp_path, monkeypatch):  # S1-1
    open_store(tmp_path / "books.sqlite").grant("ada", "viewer")
    wizard = at(Step.CHECK, tmp_path, GOOD)
    monkeypatch.setattr("invoice_rules.store.roles.account", lambda: "ada")
    click(wizard.next, wizard)
    assert "ada" in wizard.frame.messages[0]
    assert wizard.confirm.commit.disabled


def test_content_of_files_is_escaped_wherever_it_is_shown(tmp_path):
    text = HEAD.replace("Contact e-mail", f"Contact e-mail,{ATTACK}") + line(1, name=ATTACK).rstrip("\n") + f",{ATTACK}\n" + line(3).rstrip("\n") + ",y\n" + line(2, canceled=ATTACK).rstrip("\n") + ",x\n"
    wizard = at(Step.CONFIRM, tmp_path, text, name="may <b>.csv")
    click(wizard.confirm.commit, wizard)
    shown = [widget.value for widget in _all(wizard) if type(widget).__name__ == "HTML"]
    assert not [value for value in shown if "<img" in value or "may <b>" in value]
    assert any("may &lt;b&gt;.csv" in value for value in shown)
    assert any(column["heading"] == ATTACK for column in wizard.columns.mapper.columns)


def _all(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


def test_the_report_is_there_for_the_cells_that_follow(tmp_path):
    wizard = begun(tmp_path)
    assert wizard.receipt is None
    with pytest.raises(CannotRun, match="No file"):
        _ = wizard.report


def test_a_check_that_is_stopped_leaves_the_user_where_he_was(tmp_path, monkeypatch):
    wizard = at(Step.SETTINGS, tmp_path, GOOD)

    def long(progress):
        wizard.stop.click()
        progress.check()

    with monkeypatch.context() as patch:
        patch.setattr(wizard.check, "show", long)
        click(wizard.next, wizard)
    assert (wizard.state.step, wizard.frame.heading, wizard.frame.messages) == (Step.SETTINGS, "Step 3 of 5: Settings", ["Stopped by you. Nothing was written."])
    assert wizard.stop.layout.visibility == "hidden"
    click(wizard.next, wizard)
    assert (wizard.frame.heading, wizard.frame.messages) == ("Step 4 of 5: Check", [])
