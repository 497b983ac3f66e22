"""xlwings is used where its licence is BSD: none of its parts that want a key, and no key."""

import ast
import os
import re
from pathlib import Path

import pytest
import xlwings

from tests.modules import ROOT, imports, module_files

PAID = ("xlwings.pro", "xlwings.reports", "xlwings.server")
KEY = "XLWINGS_LICENSE_" + "KEY"
OURS = sorted({*module_files("invoice_rules", "addin").values(), *(ROOT / "tests").rglob("*.py")})


def paid(module: str, name: str) -> bool:
    """Whether `import module`, or `from module import name`, is of a part that wants a key."""
    spelled = [module, f"{module}.{name}"] if name else [module]
    return any(one == part or one.startswith(part + ".") for one in spelled for part in PAID)


def attributes(file: Path) -> set[str]:
    """Dotted names that a module uses."""
    return {ast.unparse(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize(
    ("module", "name", "wants_a_key"),
    [
        ("xlwings", "", False),
        ("xlwings", "pro", True),
        ("xlwings.pro.reports", "create_report", True),
        ("xlwings.reports", "", True),
        ("xlwings.server", "script", True),
        ("xlwings.base_classes", "Range", False),
    ],
)
def test_what_wants_a_key(module, name, wants_a_key):
    assert paid(module, name) is wants_a_key


def test_no_module_imports_what_wants_a_key():
    assert len(OURS) > 100
    assert not [f"{file.relative_to(ROOT)} imports {module}" for file in OURS for module, name in imports(file) if paid(module, name)]


def test_no_module_reaches_what_wants_a_key():
    wanted = re.compile(r"^(xw|xlwings)\.(pro|reports|server)\b|\.(render_template|create_report)$")
    assert not [f"{file.relative_to(ROOT)}: {name}" for file in OURS for name in attributes(file) if wanted.search(name)]


def test_no_key_is_set():
    files = [*OURS, ROOT / "Makefile", ROOT / "pyproject.toml", *(ROOT / "addin").rglob("*.bas")]
    assert not [str(file.relative_to(ROOT)) for file in files if KEY in file.read_text(encoding="utf-8")]
    assert KEY not in os.environ
    assert not xlwings.__pro__
