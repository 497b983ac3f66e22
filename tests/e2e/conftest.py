"""What a browser's test may use.

    def test_it(lab, page, workspace):
        run_notebook(page, lab, workspace / "import_wizard.ipynb")

`page` and `app_page` are watched: a script's error, or a request to anybody but their server, fails the test at its end.
Pictures go to the folder that INVOICE_RULES_SHOTS names; of a test that fails there is always one.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import browsing, servers

_FAILED = pytest.StashKey[bool]()
NOTEBOOKS = servers.ROOT / "notebooks"


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    with browsing.chromium() as running:
        yield running


@pytest.fixture(scope="session")
def lab(tmp_path_factory, browser) -> Iterator[servers.Server]:
    """A JupyterLab."""
    with servers.jupyterlab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def app(tmp_path_factory, browser) -> Iterator[servers.Server]:
    """A Voilà."""
    with servers.voila(tmp_path_factory.mktemp("voila")) as server:
        yield server


@pytest.fixture
def workspace(lab, request) -> Path:
    """A folder of the test's own that JupyterLab serves, with all notebooks; the store of its kernels is made in it."""
    return _workspace(lab, request.node.name)


@pytest.fixture
def app_workspace(app, request) -> Path:
    """The same for Voilà."""
    return _workspace(app, request.node.name)


def _workspace(server: servers.Server, test: str) -> Path:
    folder = server.folder / "".join(c if c.isalnum() else "_" for c in test)
    folder.mkdir()
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    return folder


@pytest.fixture
def page(lab, browser, request):
    """A page for JupyterLab, in a browser's profile of its own."""
    yield from _watched(browser, lab, request)
    lab.stop_kernels()


@pytest.fixture
def app_page(app, browser, request):
    """A page for Voilà."""
    yield from _watched(browser, app, request)


def _watched(browser, server: servers.Server, request):
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    seen = browsing.Seen(page, server)
    seen.watch()
    yield page
    if request.node.stash.get(_FAILED, False):
        browsing.shoot(page, f"failed-{request.node.name}", full_page=True)
    context.close()
    seen.check()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report
