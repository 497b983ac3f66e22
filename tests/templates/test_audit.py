"""An independent validator of Open XML looks at every template."""

import pytest
from openxml_audit import OpenXmlValidator

from tests.templates.filling import CASES, NAMES, plain

ALLOWED = {
    "inline-string cell(s)": "openpyxl writes texts into their cells, which the standard allows; Excel moves them to a list of its own when it saves",
}
"""What the validator tells and we accept, with the reason."""


@pytest.mark.parametrize(("name", "settings"), CASES, ids=NAMES)
def test_a_validator_finds_no_fault(name, settings, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(plain(name, settings))
    result = OpenXmlValidator().validate(str(path))
    assert result.is_valid
    assert [error.description for error in result.errors if not any(known in error.description for known in ALLOWED)] == []
