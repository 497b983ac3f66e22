"""With REQUIRE_ALL=1 a test that is skipped for a missing tool fails; only what needs Excel or Windows may be skipped."""

import os
import subprocess
import sys

import pytest

from tests.modules import ROOT

TESTS = """
import pytest

def test_passes():
    pass

def test_a_tool_is_missing():
    pytest.skip("no such tool")

@pytest.mark.excel
def test_needs_excel():
    pytest.skip("no Excel here")

@pytest.mark.xfail(strict=True)
def test_known_fault():
    raise AssertionError

@pytest.mark.nightly
def test_takes_minutes():
    raise AssertionError
"""


@pytest.mark.parametrize(("required", "outcome"), [("", "2 passed, 2 skipped, 1 deselected, 1 xfailed"), ("1", "1 failed, 2 passed, 1 skipped, 1 deselected, 1 xfailed")])
def test_skips_are_failures_where_everything_is_required(tmp_path, required, outcome):
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  excel\n  nightly\n", encoding="utf-8")
    (tmp_path / "test_some.py").write_text(TESTS + "\n\ndef test_passes_too():\n    pass\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "REQUIRE_ALL": required, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert outcome in done.stdout, done.stdout
