"""Every notebook as its user sees it: in JupyterLab, light and dark, with a question answered, and on paper; the wizard in Voilà."""

import pytest

from tests.cli.conftest import HEAD, row
from tests.e2e import browsing
from tests.e2e.browsing import run_notebook, shoot, show_app
from tests.notebook.made import two_months


@pytest.fixture
def books(workspace):
    """Books of two months, and an inbox."""
    two_months(workspace).engine.dispose()
    (workspace / "books.sqlite").rename(workspace / "store.sqlite")
    (workspace / "inbox").mkdir()
    (workspace / "inbox" / "may.csv").write_text("\n".join([HEAD, row(1), row(2), row(3, due="120.00", name="<img src=x onerror=boom()>", customer="C-3")]) + "\n", encoding="utf-8")
    return workspace


def looked_at(page, server, name: str) -> None:
    """No cell failed, nothing is in the way of a screen reader; pictures of both themes."""
    assert browsing.cell_errors(page) == []
    assert browsing.violations(page, server) == []
    shoot(page, f"{name}-light")
    browsing.dark(page)
    assert browsing.violations(page, server) == []
    shoot(page, f"{name}-dark")
    browsing.dark(page, False)


def test_a_batch_asks_before_it_imports(lab, page, books):
    run_notebook(page, lab, books / "batch_import.ipynb", run=False)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    asked = page.locator(".jp-Stdin-input")
    asked.wait_for()
    page.get_by_text("1 file of 1 can be imported. Nothing is written yet.").wait_for()
    asked.fill("yes")
    asked.press("Enter")
    page.get_by_text("2 created and 0 updated from 1 file. 1 file needs a look.").first.wait_for()
    assert page.locator(".ir-shown img").count() == 0
    looked_at(page, lab, "batch")
    assert list((books / "inbox").glob("*to fix*.xlsx"))


def test_the_history_is_shown_and_an_import_undone(lab, page, books):
    run_notebook(page, lab, books / "history.ipynb")
    page.get_by_text("2 batches in main.").wait_for()
    page.get_by_role("button", name="Receipt").click()
    page.get_by_text("Counts and totals").wait_for()
    page.get_by_role("button", name="Undo import of").first.click()
    page.get_by_role("button", name="Leave it as it is").wait_for()
    looked_at(page, lab, "history")
    page.get_by_role("button", name="Undo import of").last.click()
    page.get_by_text("undo, finished").wait_for()


def test_receivables_are_readable_and_fit_on_paper(lab, page, books, tmp_path):
    run_notebook(page, lab, books / "receivables.ipynb")
    page.get_by_text("Open receivables in USD").first.wait_for()
    looked_at(page, lab, "receivables")
    page.locator(".ir-shown figure").last.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelectorAll('.ir-shown figure svg').length === 4")
    shoot(page, "receivables-timeline")
    assert page.evaluate("() => [...document.querySelectorAll('.ir-shown .ir-holder')].every(box => box.scrollWidth <= box.clientWidth)")


def test_rules_are_tried_out(lab, page, books):
    run_notebook(page, lab, books / "rules_lab.ipynb")
    page.get_by_text("past imports would stay out now.").wait_for()
    looked_at(page, lab, "rules-lab")


def test_the_wizard_is_a_page_of_its_own(app, app_page, app_workspace):
    show_app(app_page, app, app_workspace / "import_wizard.ipynb")
    app_page.get_by_text("Step 1 of 5: Choose the file").wait_for()
    assert "from invoice_rules.notebook" not in app_page.inner_text("body")
    shoot(app_page, "app")
