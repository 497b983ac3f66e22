"""New template: what stands in the form is made into a workbook, which the import knows when it comes back (S3-3)."""

import io

import openpyxl
import pytest

from invoice_rules import CannotRun, examine, open_store, references, samples, template_rules
from invoice_rules.notebook import TemplateMaker
from invoice_rules.store import preview_list, save_lists
from tests.notebook.importing import ATTACK


@pytest.fixture
def maker(tmp_path):
    return TemplateMaker(open_store(tmp_path / "books.sqlite"), rules="paystand.receivables")


def made(maker) -> openpyxl.Workbook:
    """The workbook that the button hands to the browser."""
    handed = []
    maker.band.hand_over = lambda name, data, kind: handed.append((name, data))
    assert not maker.make.disabled
    maker.make.click()
    assert maker.wait()
    assert maker.band.messages == [], maker.band.messages
    assert [data for _, data in handed] == [maker.made]
    return openpyxl.load_workbook(io.BytesIO(maker.made))


def texts(book) -> set[str]:
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}


def test_the_button_hands_over_a_template_that_is_known_when_it_comes_back(maker, tmp_path):
    book = made(maker)
    path = tmp_path / "back.xlsx"
    path.write_bytes(maker.made)
    assert template_rules(path) == "paystand.receivables"
    assert "Invoice ID" in " ".join(texts(book))
    assert "was handed to your browser" in maker.told.value


def test_what_stands_in_the_form_goes_into_it(maker):
    maker.sender.value, maker.currency.value, maker.rows.value = ATTACK, "eur", 20
    said = texts(made(maker))
    assert any("EUR" in text for text in said)
    assert any(ATTACK in text for text in said), "as text; a workbook has no markup"


def test_a_template_is_in_the_home_currency(maker, tmp_path):
    books = open_store(tmp_path / "books.sqlite")
    books.set_entity("main", currency="EUR")
    there = TemplateMaker(books, rules="paystand.receivables")
    assert there.currency.placeholder == "(EUR)"
    assert any("EUR" in text for text in texts(made(there)))


def test_rows_are_asked_where_the_rules_have_several_ways(maker):
    assert maker.mode.layout.display == "none"
    maker.rules.value = "spectra.invoices"
    assert maker.mode.layout.display is None
    single = made(maker)
    maker.mode.value = "multi"
    multi = made(maker)
    assert len(texts(multi)) > len(texts(single))


def test_reference_data_on_file_fills_the_drop_downs(tmp_path):
    store = open_store(tmp_path / "books.sqlite")
    maker = TemplateMaker(store, rules="quickbooks.history")
    assert maker.lists.layout.display == "none", "nothing is on file"
    projects = samples.build_system("quickbooks", tmp_path / "samples").lists["projects"]
    save_lists([preview_list(examine(projects, references.kind("projects")), store)], store)
    maker.rules.value = "paystand.receivables"
    assert maker.lists.layout.display == "none", "these rules name none of them"
    maker.rules.value = "quickbooks.history"
    assert maker.lists.description.startswith("Drop-downs with the reference data on file (")
    assert "Northfield" in texts(made(maker))
    maker.lists.value = False
    assert "Northfield" not in texts(made(maker))


def test_what_means_nothing_is_told_and_the_button_works_again(maker):
    maker.currency.value = "dollars"
    maker.make.click()
    assert maker.wait()
    assert maker.band.messages and maker.made == b""
    assert not maker.make.disabled


def test_rules_that_nobody_knows_are_told(tmp_path):
    with pytest.raises(CannotRun, match=r"nobody\.rules"):
        TemplateMaker(open_store(tmp_path / "books.sqlite"), rules="nobody.rules")
