"""Runs alone in a child process (`workbook` starts it): reads a workbook with calamine under limits and writes its cells.

It imports nothing of the package, so that it starts in hundredths of a second. Standard input: a line of JSON with the options,
the bytes of the workbook, then one line for each sheet wanted. Standard output: for each answer a line of JSON, then buffers.
"""

import array
import datetime
import gc
import io
import itertools
import json
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, BinaryIO

TEXT, NUMBER, PERCENT, DATE, YES_NO, ERROR, STORED, MOMENT, _ODD = range(9)
"""What a cell is, as `Kind` has it; a number as it is stored, and a date or time of a day, of which the parent makes a text."""
_TYPES = {str: TEXT, float: STORED, datetime.date: MOMENT, datetime.datetime: MOMENT}
_IS_STORED, _IS_MOMENT, _IS_TEXT = (bytes(kind in kinds for kind in range(256)) for kinds in ({STORED}, {MOMENT}, range(STORED)))
ERRORS = frozenset(("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#DATA!"))
FROM_1900, FROM_1904, PLAIN = (datetime.date(*day).toordinal() for day in ((1899, 12, 31), (1904, 1, 1), (1899, 12, 30)))
"""The days before the first: of Excel's two ways to count, the first of them with a 29 February 1900, and of .ods files."""
FIRST_YEAR, LAST_YEAR = 1990, 2100
PEEK_ROWS = 60
PART = 1 << 16
"""Cells that are there as objects at a time."""
BEGINS, FILEPASS = (b"\x09\x08\x10\0\0\x06\x05\0", b"\x09\x08\x08\0\0\x05\x05\0"), b"\x2f\0"
"""How the records of an .xls file begin, and the record that stands behind where the others are encrypted."""


def limit(memory: int, seconds: int) -> bool:
    """Limit this process where the system can: address space, CPU seconds, no core file."""
    try:
        import resource
    except ImportError:  # Windows: the parent has put us into a job object
        return False
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS does not limit address space
            return False
    return True


def number(value: float) -> str:
    """Up to 15 significant digits, plain; from 1E+15 on as Excel shows it.

    >>> number(1000.5), number(1001.0), number(128861.32999999998), number(4.72e15), number(1e-7)
    ('1000.5', '1001', '128861.33', '4.72E+15', '0.0000001')
    """
    if value == int(value) and -1e15 < value < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    if "e+" in text:
        digits, power = f"{value:.14E}".split("E")
        return digits.rstrip("0").rstrip(".") + "E" + power
    if "e" in text:
        places = min(14 - int(text[text.index("e") + 1 :]), 330)
        text = f"{value:.{places}f}"
        text = text.rstrip("0").rstrip(".") or "0"
    return text


def day(value: datetime.date, base: int) -> tuple[str, int]:
    """A date as 2026-11-21, with its time where there is one; outside 1990..2100 it is the number that the sheet stores (X-3).

    Excel's 28 and 29 February 1900, its numbers 59 and 60, arrive as one day: the cell stays a date that says so.

    >>> day(datetime.date(1900, 2, 14), FROM_1900), day(datetime.date(1904, 2, 15), FROM_1904), day(datetime.date(1900, 2, 28), FROM_1900)
    (('45', 1), ('45', 1), ('1900-02-28 (59 or 60)', 3))
    """
    timed = value if isinstance(value, datetime.datetime) else None
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        if timed is None or not (timed.hour or timed.minute or timed.second):
            return value.isoformat()[:10], DATE
        return timed.isoformat(" ", "seconds"), DATE
    part = (timed.hour * 3600 + timed.minute * 60 + timed.second) / 86400 if timed else 0
    stored = value.toordinal() - base + part
    if base == FROM_1900 and 59 <= stored < 60:
        return f"1900-02-28 ({number(stored)} or {number(stored + 1)})", DATE
    return number(stored + 1 if base == FROM_1900 and stored >= 60 else stored), NUMBER


def duration(value: "datetime.timedelta | datetime.time") -> str:
    seconds = (
        value.days * 86400 + value.seconds
        if isinstance(value, datetime.timedelta)
        else value.hour * 3600 + value.minute * 60 + value.second
    )
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def odd(value: Any, base: int) -> tuple[str, int]:
    """The text and kind of a cell that is neither text nor an ordinary number."""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), YES_NO
    if isinstance(value, datetime.date):
        return day(value, base)
    if isinstance(value, (datetime.timedelta, datetime.time)):
        return duration(value), TEXT
    if isinstance(value, int):
        return (str(value) if abs(value) < 10**15 else number(float(value))), NUMBER
    if isinstance(value, float):  # nan, inf
        return "#NUM!", ERROR
    return str(value), TEXT


def column(values: Sequence[Any], base: int) -> tuple[list, bytearray]:
    """(texts, kinds) of the cells of one column."""
    texts, kinds = list(values), bytearray(len(values))
    known: dict[tuple[type, Any], tuple[str, int]] = {}
    for at, value in enumerate(texts):
        kind = type(value)
        if kind is str:
            if value[:1] == "#" and value in ERRORS:
                kinds[at] = ERROR
        elif kind is float and value - value == 0:
            texts[at] = str(int(value)) if -1e15 < value < 1e15 and value == int(value) else number(value)
            kinds[at] = NUMBER
        else:
            key = (kind, value)
            found = known.get(key)
            if found is None:
                found = known[key] = odd(value, base)
            texts[at], kinds[at] = found
    return texts, kinds


class Column:
    """One column as it is sent: what each cell is, its texts one after the other, its numbers and dates as they are stored.

    The parent makes texts of them, whole columns at once; `column` makes the same of them one by one.
    """

    def __init__(self, base: int):
        self._base, self._known = base, dict[tuple[type, Any], tuple[str, int]]()
        self.kinds, self.lengths, self.data = bytearray(), array.array("i"), bytearray()
        self.numbers, self.days, self.seconds = array.array("d"), array.array("i"), array.array("i")

    def add(self, values: Sequence[Any]) -> None:
        """Some more cells."""
        kinds = bytearray(map(_TYPES.get, map(type, values), itertools.repeat(_ODD)))
        found = set(kinds)
        if _ODD in found:
            values = self._without_odd(values, kinds)
            found = set(kinds)
        if STORED in found:
            self.numbers.extend(values if len(found) == 1 else itertools.compress(values, kinds.translate(_IS_STORED)))
        if MOMENT in found:
            moments = list(itertools.compress(values, kinds.translate(_IS_MOMENT)))
            self.days.extend(map(datetime.date.toordinal, moments))
            self.seconds.extend([its.hour * 3600 + its.minute * 60 + its.second if type(its) is datetime.datetime else 0 for its in moments])
        if found - {STORED, MOMENT}:
            self._texts(list(itertools.compress(values, kinds.translate(_IS_TEXT))), kinds)
        self.kinds += kinds

    def _without_odd(self, values: Sequence[Any], kinds: bytearray) -> Sequence[Any]:
        """The values with those as texts that are neither text, number nor date."""
        values, at = list(values), kinds.find(_ODD)
        while at >= 0:
            key = (type(values[at]), values[at])
            if key not in self._known:
                self._known[key] = odd(values[at], self._base)
            values[at], kinds[at] = self._known[key]
            at = kinds.find(_ODD, at + 1)
        return values

    def _texts(self, texts: Sequence[str], kinds: bytearray) -> None:
        joined = "".join(texts)
        if "#" in joined and not ERRORS.isdisjoint(texts):
            at = -1
            for text in texts:
                at += 1
                while kinds[at] >= STORED:
                    at += 1
                kinds[at] = ERROR if text in ERRORS else kinds[at]
        if joined.isascii():
            self.lengths.extend(map(len, texts))
            self.data += joined.encode("ascii")
        else:
            encoded = [text.encode("utf-8", "replace") for text in texts]
            self.lengths.extend(map(len, encoded))
            self.data += b"".join(encoded)

    def buffers(self) -> tuple[bytes | bytearray | memoryview, ...]:
        """Kinds, or nothing where all is text; the texts' int32 lengths in bytes, UTF-8; float64 numbers; int32 days from 0001 and seconds of the dates."""
        kinds = self.kinds if any(self.kinds) else b""
        lengths, *stored = (memoryview(its).cast("B") for its in (self.lengths, self.numbers, self.days, self.seconds))
        return kinds, lengths, self.data, *stored


def answer(out: BinaryIO, head: dict, buffers: Sequence[bytes | bytearray | memoryview] = ()) -> None:
    out.write(json.dumps({**head, "buffers": [len(buffer) for buffer in buffers]}).encode("ascii") + b"\n")
    for buffer in buffers:
        out.write(buffer)
    out.flush()


def whole(out: BinaryIO, sheet: Any, base: int) -> None:
    """All cells of a sheet, from its first cell with content on; some rows at a time, so that few of them are there as objects."""
    top, left = sheet.start or (0, 0)
    columns = [Column(base) for _ in range(sheet.width)]
    rows, count = itertools.islice(sheet.iter_rows(), top, None), 0
    while part := list(itertools.islice(rows, max(1, PART // len(columns)) if columns else 0)):
        count += len(part)
        for column, values in zip(columns, zip(*part, strict=True), strict=True):
            column.add(values)
    buffers = [buffer for column in columns for buffer in column.buffers()]
    answer(out, {"sheet": sheet.name, "top": top, "left": left, "rows": count, "columns": len(columns), "base": base}, buffers)


def peek(sheet: Any, base: int) -> dict:
    """How large a sheet is and its first rows, as text."""
    start = sheet.start
    if start is None:
        return {"name": sheet.name, "rows": 0, "head": []}
    rows = sheet.to_python(skip_empty_area=True, nrows=PEEK_ROWS)
    columns = [column(values, base)[0] for values in zip(*rows, strict=True)]
    return {"name": sheet.name, "rows": sheet.height, "head": [list(row) for row in zip(*columns, strict=True)]}


class PasswordError(Exception):
    """The parent knows it by its name."""


def opened(calamine: ModuleType, data: bytes) -> Any:
    """The workbook, from memory alone: nothing is ever written to a disk, whenever this process is ended."""
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.CalamineError as error:  # it says the same of all that it cannot open
        if encrypted(data):
            raise PasswordError from error
        raise


def encrypted(data: bytes) -> bool:
    """Whether an .xls file says so, in one of the records behind the first.

    >>> encrypted(BEGINS[0] + bytes(12) + FILEPASS), encrypted(BEGINS[0] + bytes(600)), encrypted(b"")
    (True, False, False)
    """
    for begins in BEGINS:
        at = data.find(begins)
        for _ in range(4 if at >= 0 else 0):
            at += 4 + int.from_bytes(data[at + 2 : at + 4], "little")
            if data[at : at + 2] == FILEPASS:
                return True
    return False


def serve(read: BinaryIO, out: BinaryIO) -> None:
    options = json.loads(read.readline())
    limit(options["memory"], options["seconds"])
    sys.path.append(options["calamine"])
    import python_calamine

    book = opened(python_calamine, read.read(options["size"]))
    base = PLAIN if options["suffix"] == ".ods" else FROM_1904 if options["from_1904"] else FROM_1900
    sheets = [
        (about.name, about.visible == python_calamine.SheetVisibleEnum.Visible)
        for about in book.sheets_metadata
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    answer(out, {"sheets": sheets})
    if options["sheet"] is None and len(sheets) > 1:
        for name, _ in sheets:
            answer(out, peek(book.get_sheet_by_name(name), base))
    elif options["sheet"] is None and sheets:
        whole(out, book.get_sheet_by_name(sheets[0][0]), base)
    for line in read:
        whole(out, book.get_sheet_by_name(json.loads(line)), base)


def main() -> None:
    gc.disable()  # cells by the hundred thousand are no garbage to look through
    out = sys.stdout.buffer
    try:
        serve(sys.stdin.buffer, out)
    except BaseException as error:  # noqa: BLE001 - a Rust panic is no Exception, and the parent is told
        answer(out, {"error": type(error).__name__, "says": str(error)[:300]})


if __name__ == "__main__":
    main()
