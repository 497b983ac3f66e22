"""`workbook_templates/` holds what is made today; `make golden` writes it."""

import io
import zipfile

import pytest

from tests.conftest import ROOT
from tests.templates.filling import CASES, NAMES, plain

FOLDER = ROOT / "workbook_templates"


def parts(file: bytes) -> dict[str, bytes]:
    """The parts of a workbook unpacked: how well they are packed differs from one zlib to the next."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(("name", "settings", "file"), [(*case, f"{file}.xlsx") for case, file in zip(CASES, NAMES, strict=True)], ids=NAMES)
def test_the_templates_are_fresh(request, name, settings, file):
    path = FOLDER / file
    made = plain(name, settings)
    if request.config.getoption("--golden") and not (path.is_file() and parts(path.read_bytes()) == parts(made)):
        path.write_bytes(made)
    assert path.is_file(), f"{path} is not there: make golden writes it"
    differing = [part for part, content in parts(made).items() if parts(path.read_bytes()).get(part) != content]
    assert differing == [], f"{path} is not what is made today: make golden"


def test_there_is_nothing_else_in_the_folder():
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *(f"{name}.xlsx" for name in NAMES)}
