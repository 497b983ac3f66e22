"""How VBA hands over a text that must not be read as anything else: as it is where it is plain, else as `hex:` and its UTF-8."""

from invoice_rules import CannotRun


def decoded(text: str) -> str:
    """The text that VBA's `PlainId` (or a workbook's name) stands for.

    >>> decoded("spectra.invoices"), decoded("hex:4dc3bc6c6c6572"), decoded("hex:")
    ('spectra.invoices', 'Müller', '')

    Raises CannotRun where what follows `hex:` is not such a text.
    """
    if not text.startswith("hex:"):
        return text
    try:
        return bytes.fromhex(text.removeprefix("hex:")).decode("utf-8")
    except ValueError as error:
        raise CannotRun(f"Excel sent a name that cannot be read ({text[:40]}). Choose it again, or give it another name.") from error
