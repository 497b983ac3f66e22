"""Readers against each other: every cell as we read it, through calamine, is what openpyxl says that it holds (X-3).

The rendering here is written a second time, from the rules in `reading.workbook`'s first lines, with Decimal.
"""

import datetime as dt
import io
import re
import shutil
import subprocess
import warnings
import zipfile
from decimal import Context, Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from invoice_rules.errors import CannotRun
from invoice_rules.reading import read
from invoice_rules.table import Kind, Table
from tests.test_injection import _nightly_without

LARGE = 1_500_000
"""Bytes of unpacked sheets from which on a file is left to `make nightly`."""


def shown(value: object) -> str:
    """A cell's value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return plain(value)
    if isinstance(value, dt.datetime):
        value = value.replace(microsecond=0) + dt.timedelta(seconds=round(value.microsecond / 1e6))
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time | dt.timedelta):
        seconds = round(value.total_seconds()) if isinstance(value, dt.timedelta) else value.hour * 3600 + value.minute * 60 + value.second
        return f"{'-' if seconds < 0 else ''}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    return str(value)


def plain(value: float | Decimal) -> str:
    """15 significant digits without an exponent; from 1E+15 on with one."""
    number = Context(prec=15).create_decimal(Decimal(repr(value)) if isinstance(value, float) else value)
    if abs(number) < Decimal("1e15"):
        text = f"{number:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    sign, digits, power = number.as_tuple()
    ciphers = "".join(map(str, digits))
    point = (ciphers[0] + "." + ciphers[1:]).rstrip("0").rstrip(".")
    return f"{'-' if sign else ''}{point}E+{len(ciphers) - 1 + int(power):02}"


def differences(data: bytes, name: str) -> list[str]:
    """Cells in which the two readers differ, in words; [] also for a file that both refuse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    found = []
    for sheet in book.worksheets:
        try:
            table = read((name, data), sheet=sheet.title, header="none")
        except CannotRun:
            continue
        found += [f"{name} {sheet.title} {difference}" for difference in unlike(table, sheet)]
    return found


def unlike(table: Table, sheet) -> list[str]:
    found = []
    rows = {number: at for at, number in enumerate(table.frame.index.tolist())}
    bottom, right = max(rows, default=1), table.origin.first_column + len(table.headings)
    for cells in sheet.iter_rows(max_row=bottom, max_col=right):  # without an end openpyxl makes every cell as far as the farthest one
        for cell in cells:
            at, column = rows.get(cell.row), cell.column - 1 - table.origin.first_column
            if at is None or not 0 <= column < len(table.headings):
                continue
            theirs, ours = shown(cell.value), table.shown(at, column)
            if ours != theirs and not same(ours, cell, table.kind_at(at, column)):
                found.append(f"{cell.coordinate}: {ours!r}, openpyxl {theirs!r} ({cell.number_format})")
    return found


def same(ours: str, cell, kind: Kind) -> bool:
    """Whether two texts differ only in a way that is ours on purpose."""
    value = cell.value
    if isinstance(value, float) and ours == plain(Decimal(value)):
        return True  # the 16th digit decides, and openpyxl's number has no 17th
    if ours.endswith(" (59 or 60)"):  # before March 1900 Excel's day numbers are in doubt, and ours tells so
        return isinstance(value, dt.date) and ours.startswith(f"{value:%Y-%m-%d}")
    if kind == Kind.NUMBER and isinstance(value, int | float) and re.search("0[-/ ]?0", cell.number_format):
        return re.sub(r"\D", "", ours).endswith(plain(value))  # a number shown with zeros and signs
    if kind == Kind.DATE and isinstance(value, int):  # a format of Excel's own in East Asia, which openpyxl does not know
        return ours == shown(dt.datetime(1899, 12, 30) + dt.timedelta(value))
    if kind == Kind.NUMBER and (isinstance(value, dt.datetime | dt.date | dt.time) or value == "#VALUE!"):
        return True  # a date outside 1990..2100 stays a number
    if isinstance(value, dt.time | dt.timedelta | dt.datetime) and ":" in ours:
        return abs(seconds_of(ours) - seconds_of(shown(value))) <= 1  # parts of a second are cut or rounded
    return isinstance(value, str) and comparable(ours) == comparable(value)


def comparable(text: str) -> str:
    """Text as it is, but for what openpyxl leaves undone: signs by their code, one kind of line end, blanks around that XML drops."""
    decoded = re.sub("_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), text)
    return decoded.replace("\r\n", "\n").strip()


def seconds_of(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in text.rpartition(" ")[2].lstrip("-").split(":"))
    return hours * 3600 + minutes * 60 + seconds


def workbooks(shared: Path) -> list[Path]:
    return sorted(path for path in shared.rglob("*") if path.suffix.lower() in (".xlsx", ".xlsm") and zipfile.is_zipfile(path))


def unpacked(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(info.file_size for info in archive.infolist() if "sheet" in info.filename or "Strings" in info.filename)
    except (zipfile.BadZipFile, OSError):
        return 0


def compared(paths: list[Path]) -> tuple[int, list[str]]:
    """(files that both read, where they differ)."""
    both, found = 0, []
    for path in paths:
        data = path.read_bytes()
        try:
            its = differences(data, path.name)
        except Exception as error:  # noqa: BLE001 # openpyxl fails in its own ways: that file has one reader
            assert not isinstance(error, AssertionError)
            continue
        both += 1
        found += its
    return both, found


def test_some_small_real_files(shared_data):
    both, found = compared([path for path in workbooks(shared_data) if unpacked(path) < 30_000][::8])
    assert not found, "\n".join(found[:40])
    assert both > 12


@pytest.mark.nightly
def test_all_real_files(shared_data):
    both, found = compared([path for path in workbooks(shared_data) if unpacked(path) < 20 * LARGE])
    assert not found, "\n".join(found[:40])
    assert both > 100


VALUES = [
    "007Cor",
    "00123",
    " x ",
    "a\nb",
    "Ünïcödé 漢字 😀",
    "=1+1",
    "#N/A",
    "TRUE",
    "1E5",
    0,
    -0.0,
    1,
    1.5,
    -2.25,
    0.1 + 0.2,
    1e14 + 0.5,
    123456789012345,
    4.72e15,
    1e-7,
    36788.399999999994,
    True,
    False,
]
DATES = [dt.date(1990, 1, 1), dt.date(2026, 2, 28), dt.date(2100, 12, 31), dt.datetime(2026, 11, 21, 14, 2, 3)]
FORMATS = ["General", "0.00", "#,##0.00", "00000", "0.0%", '"INV-"0000', "yyyy-mm-dd", "dd/mm/yyyy hh:mm", "@"]


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, value in enumerate([*VALUES, *DATES], 1):
        for column, code in enumerate(FORMATS, 1):
            if isinstance(value, dt.date) == code.startswith(("y", "d")):
                cell = sheet.cell(row, column, value)
                cell.number_format = code
                cell.data_type = "s" if isinstance(value, str) else cell.data_type
    sheet["L2"], sheet["L3"] = "Total", dt.time(14, 2, 3)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Data")
    forms = {code: book.add_format({"num_format": code}) for code in FORMATS}
    for row, value in enumerate([*VALUES, *DATES]):
        for column, code in enumerate(FORMATS):
            if isinstance(value, dt.date):
                sheet.write_datetime(row, column, value, forms[code]) if code.startswith(("y", "d")) else None
            elif not code.startswith(("y", "d")):
                write = (
                    sheet.write_boolean if isinstance(value, bool) else sheet.write_string if isinstance(value, str) else sheet.write_number
                )
                write(row, column, value, forms[code])
    sheet.write_formula(0, 11, "=1/0", None, "#DIV/0!")
    sheet.write_formula(1, 11, '="a"&"b"', None, "ab")
    sheet.write_formula(2, 11, "=1=1", None, True)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter])
def test_what_libraries_write(write):
    assert not differences(write(), "a.xlsx")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@_nightly_without("soffice")
def test_what_libreoffice_writes(tmp_path):
    """The same workbooks, opened in Calc and saved by it."""
    out = tmp_path / "out"
    for name, data in (("a", by_openpyxl()), ("b", by_xlsxwriter())):
        (tmp_path / f"{name}.xlsx").write_bytes(data)
    files = [str(tmp_path / f"{name}.xlsx") for name in "ab"]
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(out),
            *files,
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    for name in "ab":
        saved = (out / f"{name}.xlsx").read_bytes()
        assert len(read(("a.xlsx", saved), header="none")) > 20
        assert not differences(saved, name)
