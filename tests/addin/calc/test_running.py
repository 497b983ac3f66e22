"""From a command's name to its function, and the list that stands for a drop-down."""

from types import SimpleNamespace

import pytest

from addin import config, lists
from addin.calc import running
from addin.commands import CHOICES
from addin.dialogs import Dialogs
from invoice_rules import CannotRun, rule_sets

RULES, MAPPING = CHOICES


class Asked(Dialogs):
    """Dialogs that answer with the label given and keep what was asked."""

    def __init__(self, answer: str | None):
        self.answer = answer

    def form(self, text, fields):
        self.text, (self.field,) = text, fields
        return None if self.answer is None else {self.field.name: self.answer}


@pytest.fixture(autouse=True)
def _lists(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path))
    lists.refresh(config.Config(rules="paystand.receivables"), ["monthly"])


def test_a_name_that_is_none_of_ours_is_refused():
    for name in ("check_range", "__class__", "button", ""):
        with pytest.raises(CannotRun, match="There is no command"):
            running.run(None, name)


def test_a_command_is_called_on_the_book_in_front(monkeypatch):
    called = []
    monkeypatch.setattr(running, "calc", SimpleNamespace(activate=lambda **given: called.append(given["ctx"])))
    monkeypatch.setattr("addin.udfs.validate", lambda: called.append("validate"))
    book = SimpleNamespace(set_mock_caller=lambda: called.append("caller"))
    apps: list[str] = []
    monkeypatch.setattr(running, "xw", SimpleNamespace(books=SimpleNamespace(active=book), engines=SimpleNamespace(active="calc"), apps=apps))
    running.run("context", "validate")
    apps.append("Calc")
    running.run("context", "validate")
    assert called == ["context", "caller", "validate", "caller", "validate"]


def test_rule_sets_are_chosen_by_their_titles():
    asked = Asked(rule_sets()["spectra.invoices"].title)
    assert running.asked(RULES, asked) == "spectra.invoices"
    assert asked.field.value == rule_sets()["paystand.receivables"].title
    assert len(asked.field.choices) == len(rule_sets())
    assert asked.text == f"{RULES.screentip}."


def test_a_mapping_is_chosen_or_a_guess():
    assert running.asked(MAPPING, Asked("monthly")) == "monthly"
    assert running.asked(MAPPING, Asked(lists.GUESS)) == ""


def test_cancelling_chooses_nothing():
    assert running.asked(RULES, Asked(None)) is None


def test_an_empty_list_says_how_it_is_filled():
    lists.lists_file().unlink()
    with pytest.raises(CannotRun, match="invoice-rules addin install"):
        running.asked(RULES, Asked(None))
