"""The history as a notebook shows it: list, receipts, differences, proofs, undo and purge, in words and with buttons."""

import pytest

from invoice_rules import CannotRun, history, open_store
from invoice_rules.notebook import Batch, History, books
from invoice_rules.notebook.panel import HistoryPanel
from invoice_rules.notebook.shown import Listing, Shown
from invoice_rules.store import CannotUndo, undo
from tests.cli.conftest import HEAD, row
from tests.notebook.made import RULES, two_months
from tests.store.making import imported, rows_of


@pytest.fixture
def store(tmp_path):
    """October, then November that follows it."""
    return two_months(tmp_path)


@pytest.fixture
def shown(store):
    return History(store)


def test_every_import_is_listed_the_latest_first(shown):
    text = repr(shown)
    assert "2 batches in main." in text
    assert text.index("November") < text.index("October")
    assert "29 created" in text
    assert "<table>" in shown._repr_html_()


def test_attempts_that_failed_are_no_batches(shown, store):
    with pytest.raises(CannotUndo):
        undo(1, store)
    assert "2 batches in main, and 1 attempt that wrote nothing." in repr(shown)
    assert len(shown.frame) == 3


def test_looking_makes_no_store(tmp_path):
    with pytest.raises(CannotRun, match="There is no store at"):
        History(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()
    assert "Nothing was imported into main yet." in repr(History(open_store(tmp_path / "empty.sqlite")))


def test_a_receipt_says_what_whose_and_from_where(shown):
    text = repr(shown.receipt(1))
    assert "Receivables October 2026.xlsx" in text and "Hollis & Crane" in text
    assert "Counts and totals" in text and "Stayed out" in text
    assert "within-amount" in text
    assert shown.receipt(1)._repr_html_() == shown.receipt("1")._repr_html_()
    with pytest.raises(CannotRun, match="no batch 9"):
        shown.receipt(9)


def test_differences_are_told_field_by_field(shown):  # S3-22
    text = repr(shown.differences(2))
    assert "→" in text and "Amount due" in text
    assert "changed 0 records" in repr(shown.differences(1))
    assert "The first 1 are shown." in repr(shown.differences(2, most=1))


def test_a_receipt_is_verified(shown, tmp_path):
    assert "things that were compared agree." in repr(shown.verify(1))
    other = tmp_path / "other.csv"
    other.write_text("x")
    assert "does not agree any more" in repr(shown.verify(1, other))


def test_a_file_that_is_not_there_is_told(tmp_path):
    file, store = tmp_path / "may.csv", open_store(tmp_path / "s.sqlite")
    file.write_text(f"{HEAD}\n{row(1)}\n", encoding="utf-8")
    Batch(file, RULES, store=store).run()
    file.unlink()
    text = repr(History(store).verify(1))
    assert f"things that were compared agree.\n\nThe file is not at {file} any more and was not compared. Name where it lies now." in text
    assert "not compared  The file" in text


def test_undo_asks_first(shown, store, monkeypatch):
    monkeypatch.setattr(books, "asked", lambda question: None)
    assert "Nothing was undone." in repr(shown.undo(2))
    monkeypatch.setattr(books, "asked", lambda question: "no")
    assert "Nothing was undone." in repr(shown.undo(2))
    assert len(history(store)) == 2
    monkeypatch.setattr(books, "asked", lambda question: " Yes ")
    assert "undo, finished" in repr(shown.undo(2))
    assert list(history(store)["state"]) == ["finished", "undone", "finished"]


def test_only_administrators_purge_and_never_what_is_young(shown, store, monkeypatch):  # S3-20
    assert "No import is older than 60 days." in repr(shown.retention())
    assert "2 imports older than 0 days have details" in repr(shown.retention(0))
    with pytest.raises(CannotRun, match="kept for 60 days at least"):
        shown.purge(59, confirmed=True)
    monkeypatch.setattr(books, "asked", lambda question: None)
    assert "Nothing was purged." in repr(shown.purge(60))
    assert "purge" in repr(shown.purge(60, confirmed=True))
    store.grant("somebody", "administrator")
    monkeypatch.setattr("invoice_rules.store.roles.account", lambda: "ada")
    with pytest.raises(CannotRun, match="needs the role administrator"):
        shown.purge(60, confirmed=True)


class Seen:
    """The panel as a user sees it."""

    def __init__(self, store):
        self.panel = HistoryPanel(History(store))

    def click(self, label: str) -> str:
        (button,) = [one for one in (*self.panel.looks, self.panel.undo, self.panel.old, self.panel.purge, self.panel.yes, self.panel.no) if one.description.startswith(label)]
        assert not button.disabled
        button.click()
        assert self.panel.worker.wait(30)
        return self.panel.message.value + self.panel.shown.value

    @property
    def asking(self) -> bool:
        return self.panel.asking.layout.display != "none"


def test_buttons_show_the_chosen_batch(store):
    seen = Seen(store)
    assert seen.panel.batch.value == 2
    assert "November" in seen.click("Receipt")
    seen.panel.batch.value = 1
    assert "October" in seen.click("Receipt")
    assert "agree." in seen.click("Verify")
    assert "changed 0 records" in seen.click("What changed")


def test_undo_wants_a_second_click(store):
    seen = Seen(store)
    assert seen.panel.undo.description.startswith("Undo import of ")
    seen.click("Undo")
    assert seen.asking
    assert len(history(store)) == 2
    seen.click("Leave it as it is")
    assert not seen.asking
    seen.panel.undo.click()
    seen.panel.yes.click()
    assert seen.panel.worker.wait(30)
    assert "undo, finished" in seen.panel.shown.value
    assert history(store)["state"].iloc[1] == "undone"
    assert "undone" in dict(zip([v for _, v in seen.panel.batch.options], [k for k, _ in seen.panel.batch.options], strict=True))[2]
    assert not seen.asking
    seen.panel.yes.click()
    assert seen.panel.worker.wait(30)
    assert len(history(store)) == 3, "a click too many does nothing"


def test_only_imports_in_force_can_be_undone(store):
    undo(2, store)
    panel = HistoryPanel(History(store))
    found = {}
    for number in (1, 2, 3):
        panel.batch.value = number
        found[number] = (panel.undo.disabled, panel.undo.description == "Undo")
    assert found == {1: (False, False), 2: (True, True), 3: (True, True)}


def test_what_cannot_be_undone_is_told_in_the_panel(store):
    seen = Seen(store)
    seen.panel.batch.value = 1
    seen.click("Undo")
    seen.panel.yes.click()
    assert seen.panel.worker.wait(30)
    assert 'role="alert"' in seen.panel.message.value
    assert "cannot be undone" in seen.panel.message.value


def test_purging_by_button_asks_too(store):
    seen = Seen(store)
    assert "No import is older than 60 days." in seen.click("What a purge would empty")
    seen.click("Purge old details")
    assert seen.asking
    seen.panel.yes.click()
    assert seen.panel.worker.wait(30)
    assert "purge, finished" in seen.panel.shown.value


def test_an_empty_history_has_nothing_to_click(tmp_path):
    panel = HistoryPanel(History(open_store(tmp_path / "empty.sqlite")))
    assert panel.undo.disabled and all(button.disabled for button in panel.looks)


def test_what_the_books_hold_is_text(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    imported(store, rows_of(customerName="<script>alert(1)</script>"), name="<img src=x>.csv")
    page = History(store)._repr_html_() + History(store).receipt(1)._repr_html_() + HistoryPanel(History(store)).shown.value
    assert "<script" not in page and "<img" not in page


def test_a_table_as_text_is_aligned():
    assert repr(Shown(Listing("Sums", ["Name", "Total"], [["a\nb", "1.00"], ["c", "10.00"]], right=["Total"]))).splitlines() == ["Sums", "Name  Total", "-----------", "a b    1.00", "c     10.00"]


def test_what_stayed_out_unread_is_counted_in_the_receipt(tmp_path):
    store = open_store(tmp_path / "s.sqlite")
    imported(store, [*rows_of([0], currency="USD"), *rows_of([1], currency="US Dollar")])
    text = " ".join(repr(History(store).receipt(1)).split())
    assert "In the file 2 USD" in text and "Stayed out 1 not readable" in text and "1 of them has no amount" in text
