"""The add-in as it is installed here, built once; and an Excel (of a kind) that has it loaded."""

import sys
from pathlib import Path

import pytest

from addin.ribbon.build import build
from tests.addin.ribbon.office_double import Excel

LIST = (
    "rules\tspectra.invoices\tSpectra invoices\t\n"
    "rules\tpaystand.receivables\tPaystand receivables\t*\n"
    "mapping\t\tGuess from the headings\t*\n"
    "mapping\tMonthly list 2.1\tMonthly list\t\n"
    "mapping\tMüller's 😀\tMüller's 😀\t\n"
    "mapping\tx'); import os; os.system('calc')#\tAn odd name\t\n"
    "mapping\tline'+\"\\\tNot a command\t\n"
    "mapping only two\tparts\n"
    "\n"
)


@pytest.fixture(scope="session")
def list_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lists") / "ribbon.txt"
    path.write_text(LIST, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def xlam(tmp_path_factory: pytest.TempPathFactory, list_file: Path) -> Path:
    return build(tmp_path_factory.mktemp("built"), python=sys.executable, lists=list_file)


@pytest.fixture
def excel(xlam: Path) -> Excel:
    return Excel(xlam)
