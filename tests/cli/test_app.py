"""Global options, failures, and the documents that name every command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from invoice_rules.cli import app, reference
from invoice_rules.cli.app import hoisted
from invoice_rules.cli.session import command_line, own_command
from invoice_rules.folders import default_store
from tests.cli.conftest import RULES, row

ROOT = Path(__file__).resolve().parents[2]


def shell(home: Path, *args: object, **env: str) -> subprocess.CompletedProcess:
    """The real command in a process of its own, with nobody at the terminal."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **env}
    command = [sys.executable, "-m", "invoice_rules.cli", *(str(arg) for arg in args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=home, stdin=subprocess.DEVNULL, env=variables, timeout=60)


def test_global_options_stand_anywhere():
    assert hoisted(["check", "a.csv", "--entity=shop", "--store", "b", "--json"]) == ["--entity=shop", "--store", "b", "--json", "check", "a.csv"]
    assert hoisted(["check", "--", "--json"]) == ["check", "--", "--json"]


def test_json_before_and_after_the_command(run, write):
    file = write(row(1))
    before, after = run("--json", "check", file, *RULES), run("check", file, *RULES, "--json")
    assert before.json == after.json
    assert before.json[0]["accepted"] == 1


@pytest.mark.parametrize("args", [["check", "none.csv", *RULES], ["check", "none.csv"], ["check", "--nonsense"], ["history"], ["wizard"], ["rules", "nobody"]])
def test_what_cannot_run_is_told_on_stderr_and_still_is_json(run, args):
    told = run(*args)
    assert told.code == 2
    assert told.out.strip() == ""
    assert told.err.strip()
    assert "Traceback" not in told.err
    (failed,) = run(*args, "--json").json
    assert failed["format"] == 1
    assert failed["error"]


def test_our_own_mistakes_end_with_a_sentence_and_a_file(run, home, monkeypatch):
    monkeypatch.setattr("invoice_rules.rulesets.rule_sets", lambda: 1 / 0)
    told = run("rules", "--store", "postgresql://ada:secret@host/books", mistakes=True)
    assert told.code == 2
    assert "should not have (ZeroDivisionError)" in told.err
    (log,) = home.rglob("problem-*.log")
    text = log.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "secret" not in text


def test_stopping_a_command_says_how_things_stand(run, write, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("invoice_rules.cli.checking.examine", stopped)
    done = run("check", write(row(1)), *RULES)
    assert done.code == 130
    assert "An import that was not finished wrote nothing" in " ".join(done.err.split())


def test_where_the_store_is_said_and_why(run, monkeypatch):
    (default,) = run("config", "--json").json
    assert (default["store"], default["store_from"], default["store_exists"]) == (str(default_store()), "default for this user", False)
    monkeypatch.setenv("INVOICE_RULES_STORE", "postgresql://ada:secret@host/books")
    (named,) = run("config", "--json").json
    assert (named["store"], named["store_from"]) == ("postgresql://ada:…@host/books", "environment variable INVOICE_RULES_STORE")
    assert run("config", "--json", "--store", "here.sqlite").json[0]["store_from"] == "option --store"
    assert "here.sqlite" in run("config", "--store", "here.sqlite").out


def test_version(run):
    import invoice_rules

    assert run("--version").out == f"invoice-rules {invoice_rules.__version__}\n"


def test_commands_can_be_pasted():
    assert command_line(["import", "my file.csv"]) in ("import 'my file.csv'", 'import "my file.csv"')


def test_commands_name_the_program_as_it_can_be_started(tmp_path, monkeypatch):
    mine, other = tmp_path / "mine" / "invoice-rules", tmp_path / "other" / "invoice-rules"
    for program in (mine, other):
        program.parent.mkdir()
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    told = {}
    for folder in (tmp_path, mine.parent, other.parent):
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(sys, "argv", [str(mine), "demo"])
        told[folder] = own_command(["history"])
    assert told == {tmp_path: f"{mine} history", mine.parent: "invoice-rules history", other.parent: f"{mine} history"}
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
    assert own_command(["history"]) == "invoice-rules history"


def test_the_reference_is_fresh_and_names_every_command(golden):
    golden(ROOT / "docs" / "commands.md", reference.markdown())
    commands = dict(reference.commands(typer.main.get_command(app)))
    wanted = "rules map check import wizard history receipt undo invoices config demo aging convert notebooks app template".split()
    wanted += [f"mapping {verb}" for verb in ("list", "show", "delete")] + [f"entity {verb}" for verb in ("list", "add", "set")]
    wanted += [f"reference {verb}" for verb in ("import", "list", "export")] + [f"role {verb}" for verb in ("list", "grant", "revoke")]
    wanted += [f"addin {verb}" for verb in ("install", "remove", "build", "doctor")]
    wanted += ["connect", "connection", "connections", "disconnect", "fetch", "send", "mark", "ledger"]
    wanted += [f"ledger {verb}" for verb in ("there", "not-there", "skip", "release")] + [f"contacts {verb}" for verb in ("check", "list", "map", "create", "forget")]
    assert set(commands) == {*wanted, *(f"store {verb}" for verb in ("upgrade", "check", "purge", "backup"))}
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert all(f"\n## {path}\n" in text and command.help for path, command in commands.items())
    described = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert not [path for path in commands if path.split()[0] not in described]


def test_a_process_keeps_results_and_messages_apart(home, write):
    file = write(row(1), row(2, due="120.00"))
    done = shell(home, "check", file, "missing.csv", *RULES, "--json")
    good, missing = json.loads(done.stdout)
    assert (done.returncode, good["rejected"], missing["file"]) == (2, 1, "missing.csv")
    assert "missing.csv" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_process_without_a_terminal_imports_only_with_yes(home, write):
    file = write(row(1))
    refused = shell(home, "import", file, *RULES)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert not list(home.rglob("*.sqlite"))
    done = shell(home, "import", file, *RULES, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 created" in done.stdout


def test_help_fits_and_loads_nothing_heavy(home):
    done = shell(home, "check", "--help")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 100
    loaded = "import sys; from invoice_rules.cli import app; print(sorted({'pandas', 'pandera', 'sqlalchemy', 'openpyxl'} & set(sys.modules)))"
    seen = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=ROOT, check=True)
    assert seen.stdout.strip() == "[]"


def test_checking_without_a_store_loads_no_database(home, write):
    script = (
        "import sys; from invoice_rules.cli import app; "
        f"app(['check', {str(write(row(1)))!r}, '--rules', 'paystand.receivables'], standalone_mode=False); "
        "print(sorted({'sqlalchemy', 'alembic'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seen = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=home, check=True, env=environment)
    assert seen.stdout.splitlines()[-1] == "[]"


