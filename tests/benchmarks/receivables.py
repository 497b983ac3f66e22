"""A receivables file of any size, the same at every run: one row in fifty is wrong in one of several ways."""

import random
from pathlib import Path

HEADINGS = "invoiceId,invoiceNumber,amount,amountDue,customerName,extCustomerId,date,dateDue,isCanceled,contactEmail"
_WORDS = "Acme Northern Harbor Cedar Summit Vertex Pioneer Granite Foods Medical Builders Textiles Energy Marine Dental Robotics".split()
_WRONG = {
    0: lambda cells: {2: "1.000,00"},
    1: lambda cells: {3: cells[2].replace("$", "") + "9"},
    2: lambda cells: {4: "=" + cells[4], 5: "X" + cells[5]},
    3: lambda cells: {6: "2026-02-30"},
    4: lambda cells: {8: "Y"},
    5: lambda cells: {9: "ap@acme"},
    6: lambda cells: {0: cells[0] + "X" * 40},
    7: lambda cells: {1: ""},
}


def write(path: Path, rows: int, wrong: float = 0.02, first: int = 0) -> Path:
    """A CSV of this many rows with keys from `first` on; about `wrong` of them break one rule each."""
    r = random.Random(7)
    customers = max(200, rows // 40)
    names = [f"{r.choice(_WORDS)} {r.choice(_WORDS)} {n}" for n in range(customers)]
    days = [f"{m:02d}/{d:02d}/{y}" for y in (2024, 2025, 2026) for m in range(1, 13) for d in range(1, 29)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADINGS + "\n")
        for n in range(first, first + rows):
            file.write(_line(r, n, names, days, wrong))
    return path


def _line(r: random.Random, n: int, names: list[str], days: list[str], wrong: float) -> str:
    customer, day, cents = r.randrange(len(names)), r.randrange(len(days) - 30), r.randrange(100, 10**7)
    amount = f"{cents // 100}.{cents % 100:02d}"
    due = amount if r.random() < 0.7 else "0.00"
    cells = [f"IX{n:010d}", f"INV-2026-{n:08d}", r.choice(["$", ""]) + amount, due, names[customer], f"CUST-{customer:07d}"]
    cells += [days[day], days[day + 30], r.choice(["no", "no", "No", "false", "yes"]), f"ap@{names[customer].replace(' ', '').lower()}.co"]
    if r.random() < wrong:
        for place, cell in _WRONG[r.randrange(len(_WRONG))](cells).items():
            cells[place] = cell
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells) + "\n"
