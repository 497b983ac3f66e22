"""What VBA hands over as hex comes back as it was."""

import pytest

from addin.ribbon.ids import decoded
from invoice_rules import CannotRun


@pytest.mark.parametrize("text", ["Müller & Söhne.xlsx", "a'b\"c\\d", "😀", "hex:41", "", "日本 2026.xlsx", "a=b.xlsx"])
def test_hex_is_read_back(text):
    assert decoded("hex:" + text.encode("utf-8").hex().upper()) == text


def test_plain_ids_stay_as_they_are():
    assert decoded("spectra.invoices") == "spectra.invoices"


@pytest.mark.parametrize("text", ["hex:4", "hex:zz", "hex:FF"])
def test_half_a_name_is_told(text):
    with pytest.raises(CannotRun, match="cannot be read"):
        decoded(text)
