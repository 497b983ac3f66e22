"""The wheel: what is in it, that it works where nothing else of the project is, and that it asks for what it imports."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import invoice_rules
from tests.modules import ROOT, imports, module_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS_OF = {"addin": {"excel"}, "invoice_rules.notebook": {"notebook"}, "invoice_rules.store": {"postgres"}, "invoice_rules.connectors": {"connect"}}

FROM_LIBREOFFICE = {"uno", "unohelper", "com"}
"""Modules that come with LibreOffice, not from a package index."""

NAMED = {"import_export": "django-import-export"}
"""Modules that are called otherwise than their distribution, which need not be installed here."""


def names(requirements) -> set[str]:
    """Distribution names of requirements: `pandera[pandas]>=0.35` -> pandera."""
    return {re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def used(*folders: str) -> dict[str, set[str]]:
    """Distribution -> modules in these folders that import it."""
    distributions = packages_distributions()
    found: dict[str, set[str]] = {}
    for name, file in module_files(*folders).items():
        for top in {module.split(".")[0] for module, _ in imports(file)} - {"invoice_rules", "addin", "tests"} - FROM_LIBREOFFICE - sys.stdlib_module_names:
            distribution = distributions.get(top, [NAMED.get(top, top)])[0].lower().replace("_", "-")
            found.setdefault(distribution, set()).add(name)
    return found


def test_what_is_imported_is_declared():
    core, missing = names(PROJECT["dependencies"]), []
    for distribution, modules in used("invoice_rules", "addin").items():
        for module in modules:
            extras = {extra for room, of_room in EXTRAS_OF.items() if module.startswith(room) for extra in of_room}
            allowed = core.union(*(names(PROJECT["optional-dependencies"][extra]) for extra in extras))
            if distribution not in allowed:
                missing.append(f"{module} imports {distribution}")
    assert not missing


def test_what_is_declared_is_imported():
    assert names(PROJECT["dependencies"]) <= set(used("invoice_rules", "addin"))


def test_what_tests_import_is_declared():
    extras = PROJECT["optional-dependencies"]
    always = names([*PROJECT["dependencies"], *extras["postgres"], *extras["excel"], *extras["notebook"], *extras["connect"], *extras["test"]])
    others = {name: modules for name, modules in used("tests").items() if name not in always}
    assert set(others) <= names(extras["bench"])
    assert all(module.startswith(("tests.benchmarks", "tests.mutants")) for modules in others.values() for module in modules)


def test_the_extras_are_the_promised_ones():
    extras = PROJECT["optional-dependencies"]
    assert set(extras) == {"excel", "notebook", "postgres", "connect", "test", "bench"}
    assert {"xlwings"} <= names(extras["excel"])
    assert {"jupyterlab", "ipywidgets"} <= names(extras["notebook"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The project's wheel, built as anybody would."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """A folder with an environment that holds the wheel and what it asks for, far from the project."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=False)
    run(sys.executable, "-m", "pip", "--python", python_of(folder), "install", "--quiet", "--no-compile", wheel)
    return folder


def python_of(folder: Path, program: str = "python") -> Path:
    return folder / "env" / ("Scripts" if os.name == "nt" else "bin") / program


def run(*command: object, cwd: Path | None = None, expect: int = 0) -> str:
    """Run a program without input in an environment of its own; its standard output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "INVOICE_RULES", "VIRTUAL_ENV"))}
    home = {"HOME": str(cwd), "XDG_DATA_HOME": str(cwd / "data")} if cwd else {}
    done = subprocess.run([*map(str, command)], cwd=cwd, env={**kept, **home}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == expect, f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_carries_everything(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {file.relative_to(ROOT).as_posix() for file in module_files("invoice_rules", "addin").values()}
    assert ours <= inside
    assert {file.relative_to(ROOT).as_posix() for file in (ROOT / "invoice_rules").rglob("*") if file.suffix in (".js", ".css", ".j2", ".html")} <= inside
    data = {file for folder in ("notebooks", "workbook_templates") for file in (ROOT / folder).rglob("*") if file.is_file() and ".ipynb_checkpoints" not in file.parts}
    assert {f"invoice_rules/_data/{file.relative_to(ROOT).as_posix()}" for file in data} <= inside
    assert {name.split("/")[0] for name in inside} == {"invoice_rules", "addin", f"invoice_rules-{invoice_rules.__version__}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_the_main_job_works_from_the_wheel_alone(elsewhere):
    """The demonstration, then a check of one of its files as JSON, from a folder that knows nothing of the project."""
    command = python_of(elsewhere, "invoice-rules")
    where = run(python_of(elsewhere), "-c", "import invoice_rules; print(invoice_rules.__file__)", cwd=elsewhere)
    assert Path(where.strip()).is_relative_to(elsewhere)
    run(command, "demo", elsewhere / "shown", cwd=elsewhere)
    run(command, "demo", elsewhere / "shown", cwd=elsewhere)
    sample = elsewhere / "receivables.csv"
    sample.write_text(
        "invoiceId,invoiceNumber,amount,amountDue,customerName,extCustomerId,date,dateDue,isCanceled,contactEmail\n"
        'INV-1,1001,"1,000.00",250.00,Miller Studio,C-4711,05/01/2026,05/31/2026,no,ap@miller.com\n'
        "INV-2,1002,100.00,250.00,Miller Studio,C-4711,05/01/2026,05/31/2026,no,ap@miller.com\n",
        encoding="utf-8",
    )
    (answer,) = json.loads(run(command, "check", sample, "--rules", "paystand.receivables", "--json", cwd=elsewhere, expect=1))
    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (2, 1, 1)
    assert [(problem["row"], problem["rule"]) for problem in answer["problems"] if problem["severity"] == "error"] == [(3, "within-amount")]
