"""A receivables file of any size, the same at every run, written a block at a time: one row in fifty is wrong in one of eight ways."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

COLUMNS = tuple("invoiceId,invoiceNumber,amount,amountDue,customerName,extCustomerId,date,dateDue,isCanceled,contactEmail".split(","))
_WORDS = np.array("Acme Northern Harbor Cedar Summit Vertex Pioneer Granite Foods Medical Builders Textiles Energy Marine Dental Robotics".split())
_DAYS = pa.array([f"{m:02d}/{d:02d}/{y}" for y in (2024, 2025, 2026) for m in range(1, 13) for d in range(1, 29)], pa.large_string())
_CANCELED = pa.array(["no", "no", "No", "false", "yes"], pa.large_string())
_DOLLARS = pa.array(["$", ""], pa.large_string())
_KINDS = 8
_BLOCK = 250_000


def write(path: Path, rows: int, wrong: float = 0.02, first: int = 0) -> Path:
    """A CSV of this many rows with keys from `first` on; about `wrong` of them break one rule each."""
    r = np.random.default_rng(7)
    names, addresses = _customers(r, max(200, rows // 40))
    with path.open("wb") as file:
        file.write(",".join(COLUMNS).encode() + b"\n")
        for start in range(first, first + rows, _BLOCK):
            block = _block(r, np.arange(start, min(start + _BLOCK, first + rows)), names, addresses, wrong)
            file.write(_lines(block))
    return path


def earlier(path: Path, out: Path, rows: int) -> Path:
    """The first rows of such a file as they were before: nothing paid yet, and another due date, so that each of them is an update."""
    cells = pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.large_string()), strings_can_be_null=False))
    head = cells.slice(0, rows).combine_chunks()
    columns = {name: pa.concat_arrays(head[name].chunks) for name in COLUMNS}
    columns |= {"amountDue": columns["amount"], "dateDue": columns["date"]}
    out.write_bytes(",".join(COLUMNS).encode() + b"\n" + _lines(columns).to_pybytes())
    return out


def _lines(columns: dict[str, pa.Array]) -> pa.Buffer:
    return _joined([*_parted([_quoted(column) for column in columns.values()]), "\n"]).buffers()[2]


def _customers(r: np.random.Generator, count: int) -> tuple[pa.Array, pa.Array]:
    """The customers' names and e-mail addresses."""
    first, second = (_text(_WORDS[r.integers(len(_WORDS), size=count)]) for _ in range(2))
    names = _joined([first, " ", second, " ", _text(np.arange(count))])
    return names, _joined(["ap@", pc.utf8_lower(pc.replace_substring(names, " ", "")), ".co"])


def _block(r: np.random.Generator, numbers: np.ndarray, names: pa.Array, addresses: pa.Array, wrong: float) -> dict[str, pa.Array]:
    """Some rows, column by column."""
    size = len(numbers)
    customer, day, cents = r.integers(len(names), size=size), r.integers(len(_DAYS) - 30, size=size), r.integers(100, 10**7, size=size)
    amount = _joined([_text(cents // 100), ".", _padded(cents % 100, 2)])
    columns = {
        "invoiceId": _joined(["IX", _padded(numbers, 10)]),
        "invoiceNumber": _joined(["INV-2026-", _padded(numbers, 8)]),
        "amount": _joined([_DOLLARS.take(pa.array(r.integers(2, size=size))), amount]),
        "amountDue": pc.if_else(pa.array(r.random(size) < 0.7), amount, "0.00"),
        "customerName": names.take(pa.array(customer)),
        "extCustomerId": _joined(["CUST-", _padded(customer, 7)]),
        "date": _DAYS.take(pa.array(day)),
        "dateDue": _DAYS.take(pa.array(day + 30)),
        "isCanceled": _CANCELED.take(pa.array(r.integers(len(_CANCELED), size=size))),
        "contactEmail": addresses.take(pa.array(customer)),
    }
    kind = np.where(r.random(size) < wrong, r.integers(_KINDS, size=size), -1)
    return _spoiled(columns, amount, kind) if wrong else columns


def _spoiled(columns: dict[str, pa.Array], amount: pa.Array, kind: np.ndarray) -> dict[str, pa.Array]:
    """The columns with their wrong cells; kind 2 spoils a customer's name and, so that it stays his alone, the id."""
    cells = {
        ("amount", 0): "1.000,00",
        ("amountDue", 1): _joined([amount, "9"]),
        ("customerName", 2): _joined(["=", columns["customerName"]]),
        ("extCustomerId", 2): _joined(["X", columns["extCustomerId"]]),
        ("date", 3): "2026-02-30",
        ("isCanceled", 4): "Y",
        ("contactEmail", 5): "ap@acme",
        ("invoiceId", 6): _joined([columns["invoiceId"], "X" * 40]),
        ("invoiceNumber", 7): "",
    }
    spoiled = {name: pc.if_else(pa.array(kind == which), cell, columns[name]) for (name, which), cell in cells.items()}
    return {**columns, **spoiled}


def _quoted(column: pa.Array) -> pa.Array:
    """Cells with a comma in quotation marks, as CSV wants them."""
    commas = pc.match_substring(column, ",")
    return pc.if_else(commas, _joined(['"', column, '"']), column) if pc.any(commas).as_py() else column


def _parted(columns: list[pa.Array]) -> list[pa.Array | str]:
    return [part for column in columns for part in (",", column)][1:]


def _joined(parts: list[pa.Array | str]) -> pa.Array:
    return pc.binary_join_element_wise(*(pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in parts), pa.scalar("", pa.large_string()))


def _text(values: np.ndarray) -> pa.Array:
    return pa.array(values).cast(pa.large_string())


def _padded(numbers: np.ndarray, width: int) -> pa.Array:
    return pc.utf8_lpad(_text(numbers), width, "0")
