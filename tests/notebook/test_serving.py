"""`invoice-rules notebooks` and `app`: nothing of the user's is written over, and what is started gets its token unseen."""

import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from invoice_rules import CannotRun
from invoice_rules.notebook import serving
from tests.cli.conftest import home, run  # noqa: F401 # fixtures
from tests.modules import ROOT


@pytest.fixture
def started(monkeypatch):
    """What would be started, in place of starting it: the command, its variables, its folder."""
    calls: list[tuple[list[str], dict[str, str], Path]] = []

    def take(command, variables, folder):
        calls.append((command, dict(variables), Path(folder)))
        calls[-1] = (*calls[-1], *([json.loads(Path(command[1]).read_text(encoding="utf-8"))] if command[0] == "voila" else []))
        return 0

    monkeypatch.setattr(serving, "_run", take)
    return calls


def test_notebooks_are_copied_once_and_changes_stay(run, home):  # noqa: F811
    first = run("notebooks", home / "mine", "--copy-only")
    assert first.code == 0
    names = sorted(path.name for path in (home / "mine").glob("*.ipynb"))
    assert names == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")) and "import_wizard.ipynb" in names
    changed = home / "mine" / "history.ipynb"
    changed.write_text(changed.read_text(encoding="utf-8").replace("entity: str", "# mine\\nentity: str"), encoding="utf-8")
    ran = home / "mine" / "receivables.ipynb"
    book = json.loads(ran.read_text(encoding="utf-8"))
    book["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "said"}]
    ran.write_text(json.dumps(book), encoding="utf-8")
    (home / "mine" / "rules_lab.ipynb").unlink()
    (told,) = run("notebooks", home / "mine", "--copy-only", "--json").json
    assert (told["written"], told["changed"]) == (["rules_lab.ipynb"], ["history.ipynb"])
    assert "receivables.ipynb" in told["same"], "running a notebook is no change"
    assert "# mine" in changed.read_text(encoding="utf-8")
    assert "Left as it is" in run("notebooks", home / "mine", "--copy-only").out


def test_jupyterlab_opens_in_the_folder_with_the_store(run, home, started):  # noqa: F811
    assert run("notebooks", home / "mine", "--no-browser", "--store", "books.sqlite").code == 0
    ((command, variables, folder),) = started
    assert command == ["jupyterlab", "--no-browser", f"--ServerApp.root_dir={home / 'mine'}"]
    assert (variables, folder) == ({"INVOICE_RULES_STORE": str(Path.cwd() / "books.sqlite")}, home / "mine")


def test_the_page_has_a_token_that_no_command_line_shows(run, home, started):  # noqa: F811
    said = run("app", "--no-browser", "--port", "8999", "--entity", "shop")
    ((command, variables, _, page),) = started
    token = variables["JUPYTER_TOKEN"]
    assert len(token) > 30
    assert f"http://127.0.0.1:8999/?token={token}" in said.out
    assert token not in " ".join(command)
    assert "--Voila.ip=127.0.0.1" in command
    (given,) = [cell for cell in page["cells"] if "injected-parameters" in cell["metadata"].get("tags", [])]
    assert "shop" in "".join(given["source"])
    assert "toolbar" not in json.dumps(page), "a page has none"
    again = run("app", "--no-browser")
    assert token not in again.out, "each time another one"
    assert "not encrypted" in " ".join(run("app", "--no-browser", "--ip", "0.0.0.0").err.split())
    assert serving.App("::1", 80).address("x") == "http://[::1]:80/?token=x"


@pytest.mark.parametrize("store", ["postgresql://host/books", "sqlite:////books.sqlite"])
def test_addresses_stay_as_they_are(store):
    assert serving._with_store(store) == {"INVOICE_RULES_STORE": store}


def test_kernels_run_elsewhere_so_paths_are_whole(home):  # noqa: F811
    assert serving._with_store("sqlite:///books.sqlite") == {"INVOICE_RULES_STORE": f"sqlite:///{home / 'books.sqlite'}"}
    assert serving._with_store(None) == {}


def test_the_browser_gets_the_token_through_a_file(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(serving.webbrowser, "open", opened.append)
    monkeypatch.setattr(serving.socket, "create_connection", lambda place, timeout: nullcontext())
    serving._open_when_up(serving.App(), "http://127.0.0.1:8866/?token=secret&x=1", tmp_path)
    assert opened == [(tmp_path / "open.html").as_uri()]
    assert "token=secret&amp;x=1" in (tmp_path / "open.html").read_text(encoding="utf-8")


def test_what_is_missing_is_said_plainly(run, home, monkeypatch):  # noqa: F811
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    for words in (["notebooks", home / "mine"], ["app"]):
        done = run(*words)
        assert done.code == 2
        assert f'Run: {sys.executable} -m pip install "invoice-rules[notebook]"' in " ".join(done.err.split())
    assert not (home / "mine").exists()
    monkeypatch.setattr(serving, "_PACKAGE", home / "nowhere" / "package")
    with pytest.raises(CannotRun, match="has no notebooks"):
        serving.shipped()


def test_a_folder_that_cannot_be_made_is_said(run, home):  # noqa: F811
    (home / "file").write_text("")
    done = run("notebooks", home / "file" / "inside", "--copy-only")
    assert done.code == 2
    assert "could not be copied" in done.err


def test_ending_the_command_ends_what_it_started(tmp_path):
    """SIGTERM, as from a service manager: no server is left behind."""
    (tmp_path / "serves.py").write_text("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    start = f"import sys; from pathlib import Path; from invoice_rules.notebook import serving; sys.exit(serving._run(['serves'], {{'PYTHONPATH': {str(tmp_path)!r}}}, Path({str(tmp_path)!r})))"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True, cwd=ROOT) as command:
        child = int(command.stdout.readline())
        command.terminate()
        assert command.wait(20) == -signal.SIGTERM or command.returncode == 256 - signal.SIGTERM, "the child's own end"
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_what_is_started_is_this_python_and_its_code_is_kept(tmp_path):
    (tmp_path / "ends.py").write_text("import os, sys; sys.exit(int(os.environ['CODE']))")
    assert serving._run(["ends"], {"CODE": "3", "PYTHONPATH": str(tmp_path)}, tmp_path) == 3
