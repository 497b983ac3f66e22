"""Number formats: Calc's keys and Excel's codes (`yyyy-mm-dd`), looked up once for each document."""

import re
from typing import Any

from addin.engines.calc.loading import struct

_LITERALS = re.compile(r'("[^"]*"|\\.|\[[^\]]*\]|AM/PM|A/P)')
DEFINED, DATE, TIME, LOGICAL = 1, 2, 4, 1024
GENERAL = 0
"""The document's own General: cells formatted as text do not take that of a language."""


class NumberFormats:
    """The number formats of one document."""

    def __init__(self, doc: Any) -> None:
        self._doc = doc
        self._known: dict[int, tuple[int, str]] = {}
        self._keys = {"General": GENERAL}

    def kind(self, key: int) -> int:
        """What kind of values it shows, as bits: 2 date, 4 time, 256 text, 1024 boolean; 0 is General."""
        return self._look_up(key)[0]

    def code(self, key: int) -> str:
        """The code as Excel writes it."""
        return self._look_up(key)[1]

    def key(self, code: str) -> int:
        """Calc's number for a code of Excel, made anew where the document has none yet."""
        if code not in self._keys:
            formats, english = self._doc.NumberFormats, struct("lang.Locale", "en", "US", "")
            found = formats.queryKey(code, english, False)
            self._keys[code] = found if found != -1 else formats.addNew(code, english)
        return self._keys[code]

    def _look_up(self, key: int) -> tuple[int, str]:
        if key not in self._known:
            found = self._doc.NumberFormats.getByKey(key)
            kind, code = found.Type & ~DEFINED, found.FormatString
            if key % 10_000 == 0 or code == "General":
                kind, code = 0, "General"
            elif kind & LOGICAL:
                code = "General"
            elif kind & (DATE | TIME):
                code = as_excel(code)
            self._known[key] = kind, code
        return self._known[key]


def as_excel(code: str) -> str:
    """A date code as Excel spells it: Calc has capitals.

    >>> as_excel('"Day" D/MM/YYYY H:MM AM/PM'), as_excel("[H]:MM:SS")
    ('"Day" d/mm/yyyy h:mm AM/PM', '[h]:mm:ss')
    """
    parts = _LITERALS.split(code)
    return "".join(part.lower() if index % 2 == 0 or part in ("[H]", "[HH]", "[M]", "[MM]", "[S]", "[SS]") else part for index, part in enumerate(parts))
