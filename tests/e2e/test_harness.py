"""The harness itself: cells run, kernels have their own store, and what leaves the server or fails is noticed."""

from tests.e2e import browsing
from tests.e2e.browsing import Seen, run_notebook, written


def test_a_notebook_runs_to_its_end_in_a_store_of_its_own(lab, page, workspace):
    notebook = written(workspace / "own.ipynb", "import os; print(os.environ['INVOICE_RULES_STORE'])", "6 * 7", "1 / 0")
    run_notebook(page, lab, notebook)
    assert page.locator(".jp-OutputArea-output").nth(0).inner_text().strip() == str(workspace / "store.sqlite")
    assert page.locator(".jp-OutputArea-output").nth(1).inner_text().strip() == "42"
    assert "ZeroDivisionError" in browsing.cell_errors(page)[0]


def test_widgets_live_through_a_reload_and_end_with_their_kernel(lab, page, workspace):
    notebook = written(workspace / "live.ipynb", "import ipywidgets\nb = ipywidgets.Button(description='Clicked 0')\nb.on_click(lambda b: setattr(b, 'description', 'Clicked 1'))\nb")
    run_notebook(page, lab, notebook)
    browsing.save(page)
    page.reload()
    browsing.ready(page)
    page.get_by_role("button", name="Clicked 0").click()
    page.get_by_role("button", name="Clicked 1").wait_for()
    browsing.dark(page)
    browsing.shoot(page, "harness-dark")
    browsing.restart_kernel(page)
    browsing.command(page, "notebook:run-all-cells")
    page.get_by_role("button", name="Clicked 0").wait_for()


def test_a_page_without_cells(app, app_page, app_workspace):
    notebook = written(app_workspace / "page.ipynb", "import ipywidgets\nipywidgets.Button(description='Import')")
    browsing.show_app(app_page, app, notebook)
    app_page.get_by_role("button", name="Import").wait_for()
    assert "ipywidgets.Button" not in app_page.content()


def test_what_should_not_be_there_is_noticed(lab, page, workspace, browser):
    apart = browser.new_page()
    seen = Seen(apart, lab)
    seen.watch()
    apart.route("http://example.invalid/**", lambda route: route.abort())
    apart.set_content("<img src='http://example.invalid/pixel.png'><button></button><script>nothing.there()</script>")
    assert [url for url in seen.outside if "example.invalid" in url]
    assert "nothing is not defined" in seen.errors[0]
    assert any(one.startswith("button-name") for one in browsing.violations(apart, lab, "body"))
    apart.close()


def test_servers_want_their_token(lab, app, browser):
    for server in (lab, app):
        apart = browser.new_page()
        answer = apart.goto(f"{server.url}/{'lab' if server.kind == 'lab' else ''}")
        assert answer is not None
        assert "login" in apart.url or answer.status == 403
        apart.close()
