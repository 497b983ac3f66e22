"""What the user chose, and the list behind the drop-downs."""

import pytest

from addin import config, lists
from invoice_rules import CannotRun, rule_sets


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOICE_RULES_CONFIG", str(tmp_path / "settings"))
    return tmp_path / "settings"


def test_choices_come_back_as_they_were_kept():
    assert config.load() == config.Config()
    chosen = config.Config(store="/books/März.sqlite", entity="Acme", user="Bea", rules="spectra.invoices", functions=True).with_mapping("monthly")
    config.save(chosen)
    assert config.load() == chosen
    assert (chosen.mapping, config.Config(rules="x").mapping) == ("monthly", "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"store": 7}', '{"mappings": "x", "entity": null, "other": 1}', "\x00"])
def test_a_file_that_makes_no_sense_counts_for_nothing(folder, text):
    folder.mkdir()
    (folder / "addin.json").write_text(text, encoding="utf-8")
    assert config.load() == config.Config()


def test_a_folder_that_cannot_be_written_to_is_told(folder):
    folder.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(CannotRun, match="The settings could not be kept"):
        config.save(config.Config())


def test_the_list_has_all_rule_sets_and_the_mappings_of_the_chosen_one():
    lists.refresh(config.Config(rules="spectra.invoices", mappings={"spectra.invoices": "b"}), ["b", "a", "", "a\tname\nwith signs"])
    assert [entry.id for entry in lists.entries("rules")] == list(rule_sets())
    assert [entry.id for entry in lists.entries("rules") if entry.chosen] == ["spectra.invoices"]
    assert [(entry.id, entry.chosen) for entry in lists.entries("mapping")] == [("", False), ("a", False), ("a name with signs", False), ("b", True)]
    assert lists.entries("mapping")[0].label == lists.GUESS


def test_without_a_list_there_are_no_entries():
    assert lists.entries("rules") == []
