"""Formulas as Excel writes them and as Calc's interface takes them: `=SUM(Data!A1,2)` and `=SUM($Data.A1;2)`.

The function names are English in both. Only separators and the spelling of sheets differ, so text is translated without asking the office.
"""

import re

from addin.engines.geometry import MAX_COLUMNS, MAX_ROWS, column_letters, column_number, quoted

_TEXT = r'"(?:[^"]|"")*"'
_QUOTED = r"'(?:[^']|'')*'"
_REFERENCE = r"(?=\$?[A-Za-z]{1,3}\$?\d|\$?[A-Za-z]{1,3}:\$?[A-Za-z]|\$?\d+:\$?\d|#REF!)"
_ON_A_SHEET = re.compile(rf"{_TEXT}|(?:{_QUOTED}|[^\W\d][\w.]*)![$\w:]+")
_TO_CALC = re.compile(rf"{_TEXT}|(?P<quoted>{_QUOTED})!|(?P<plain>[^\W\d][\w.]*)!|#(?:REF|DIV/0|VALUE|NUM|NULL)!|[{{}},;]")
_TO_EXCEL = re.compile(rf"{_TEXT}|\$?(?P<quoted>{_QUOTED})\.|(?<![\w.])\$?(?P<plain>[^\W\d]\w*)\.{_REFERENCE}|#(?:REF|DIV/0|VALUE|NUM|NULL)!|[{{}};|!~]")
_RELATIVE = re.compile(rf"{_TEXT}|{_QUOTED}|(?<![\w.])(\$?)([A-Za-z]{{1,3}})(\$?)([1-9]\d*)(?![\w(.])")


def names_its_sheets(formula: str) -> bool:
    """Whether all references in a formula of Excel say which sheet they mean; also False where a function is called like a cell, as LOG10 is.

    >>> names_its_sheets("=LEFT(INDEX('My sheet'!$M:$M,ROW()),1)=\\"B2\\""), names_its_sheets("=Data!$A$1:$B$9+$C$1")
    (True, False)
    """
    return not re.search(_REFERENCE, _ON_A_SHEET.sub("", formula))


def to_calc(formula: str) -> str:
    """A formula of Excel for Calc; array constants too.

    >>> to_calc('=IF(Data!$A1="a,b",{1,2;3,4},\\'My sheet\\'!B2)')
    '=IF($Data.$A1="a,b";{1;2|3;4};$\\'My sheet\\'.B2)'
    """
    return _translated(formula, _TO_CALC, ".", {",": ";"}, {",": ";", ";": "|"}, "$")


def to_excel(formula: str) -> str:
    """A formula of Calc as Excel writes it.

    >>> to_excel("=STDEV.S($Data.A1:B2;$'My sheet'.L:L;{1;2|3;4})")
    "=STDEV.S(Data!A1:B2,'My sheet'!L:L,{1,2;3,4})"
    """
    return _translated(formula, _TO_EXCEL, "!", {";": ",", "~": ",", "!": " "}, {";": ",", "|": ";"}, "")


def _translated(formula: str, pattern: re.Pattern[str], mark: str, signs: dict[str, str], in_braces: dict[str, str], fixed: str) -> str:
    depth = 0

    def one(found: re.Match[str]) -> str:
        nonlocal depth
        name = found["quoted"] or found["plain"]
        if name:
            bare = name[1:-1].replace("''", "'") if found["quoted"] else name
            return f"{fixed}{quoted(bare)}{mark}"
        sign = found[0]
        depth += {"{": 1, "}": -1}.get(sign, 0)
        return (in_braces if depth else signs).get(sign, sign)

    return pattern.sub(one, formula)


def moved(formula: str, down: int, right: int) -> str:
    """A formula filled into a cell so many rows and columns away: its relative references move along.

    >>> moved('=A1+$B$2&"A1"', 1, 2)
    '=C2+$B$2&"A1"'
    """

    def one(found: re.Match[str]) -> str:
        if found[2] is None:
            return found[0]
        column = column_number(found[2]) + (0 if found[1] else right)
        row = int(found[4]) + (0 if found[3] else down)
        if not (1 <= row <= MAX_ROWS and 1 <= column <= MAX_COLUMNS):
            return "#REF!"
        return f"{found[1]}{column_letters(column)}{found[3]}{row}"

    return _RELATIVE.sub(one, formula) if down or right else formula
