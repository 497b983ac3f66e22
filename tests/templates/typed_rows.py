"""Rows as somebody might type them into a template: mostly right, some wrong in every way that a field or a rule can be broken.

A row is field -> what the cell holds: text, float, date, bool or None for blank. One number gives one sequence of rows.
"""

import datetime as dt
import random

from invoice_rules.fields import Field, RuleSet

TODAY = dt.date(2026, 11, 21)
AMOUNTS = (0.0, 46.78, 100.0, 100.5, 250.0, 1200.0)
PARTS = {
    "quantity": (0.0, 1.0, 2.0, 2.5, -1.0),
    "price": (0.0, 50.0, 50.25, 100.0),
    "percent": (0.5, 10.0, 10.5, 33.333, 100.0, 101.0, 150.0),
}
NOTES = ("", "Thank you", "BigTime invoice 12", "It was created in BigTime today", "see Big Time report", "[BigTime] 5", "bigtimer", "made by BigTime")
LINE_KINDS = ("SalesItemLineDetail", "SalesItemLineDetail", "DiscountLineDetail", "SubTotalLineDetail")

WRONG: dict[str, tuple[object, ...]] = {
    "text": ("=1+1", "-5", "@cell", "a--b", "x=SUM(1)", "\u00a0padded\u00a0", "  padded ", "＝1", "9" * 61, "  ", '"quoted"', "tab\tinside", "Zoë", "say =cmd"),
    "code": ("4.72E+15", "1E+05", "-1.5e+3", "12E+3", "1.E+3", "4.72E+1555", "AB-12", " padded ", "+1", "x--y", "9" * 12, "'5'", "\u00a0A\u00a0"),
    "money": (-5.0, -120.0, -0.5, 1.005, 10.25, 1e13, -0.01, 12345678901.5, 123456789012.25, "abc", "n/a", "$1,200.50", "(5)", "12.5.1", "- 5 EUR", "-", "7 CR"),
    "number": (-5.0, 1.5, 0.1234567, 1e12, "abc", "1,200.5", "(3)", "2 pcs", "-"),
    "percent": (-5.0, 150.0, 0.1234567, 33.333333, 12.34567, "abc", "10 %", "10.5", "n/a"),
    "date": ("31/02/2026", "02/30/2026", "2026-11-30", "tomorrow", "11/30/2026", "1/2/26", "12.31.2026", "13/13/2026", "Nov 3, 2026", dt.date(1985, 1, 1), dt.date(2100, 12, 31)),
    "yes_no": ("y", "YES", "maybe", " No ", "true", "1", True, False, "nope"),
    "emails": (
        *("ap@acme", "no address", "ap@acme.example; owner@acme.example", "a b@acme.example", "a@b..com", "a@@b.com", "a@b.com.", ".a@b.com", "@b.com", "ap@"),
        *(*(separator.join(f"p{n}@acme.com" for n in range(7)) for separator in (";", ",", " ; ")), "a@b.com,", " ap@acme.com ", "a@.com", "a.@b.com", ", ;", "a@b.com;@c", "Ann <a@b.com>", "a@b,com"),
    ),
    "currency": ("usd", "JPY", "BHD", "dollars", "€", "XXX", " EUR ", "US", "/US", "AED/AFN", "CLF"),
}


class Typist:
    """Types rows of one rule set."""

    def __init__(self, rules: RuleSet, seed: int):
        self.rules, self.dice = rules, random.Random(seed)
        self.keys = {*rules.group_by, rules.key}

    def rows(self, count: int) -> list[dict[str, object]]:
        """So many rows; those of one document stand below each other, with what belongs to all of it on the first, or on all of them."""
        made: list[dict[str, object]] = []
        while len(made) < count:
            made += self.document(len(made), made)
        return made[:count]

    def document(self, number: int, others: list[dict[str, object]]) -> list[dict[str, object]]:
        fields, spaced = self.rules.offered, self.dice.random() < 0.4
        head = {name: self.good(field, number) if field.required or not spaced else self.maybe(field, number) for name, field in fields.items() if field.level == "header"}
        if not self.rules.lined:
            self.spoil(head, others)
            return [head]
        lines = [self.line(number) for _ in range(self.dice.choice((1, 1, 2, 3)))]
        self.relate(head, lines)
        for part in (head, *lines):
            self.spoil(part, others)
        self.misname(head, number, alone=len(lines) == 1)
        below = head if self.dice.random() < 0.2 else {name: head[name] for name in self.rules.group_by}
        return [{**(below if at else head), **line} for at, line in enumerate(lines)]

    def misname(self, head: dict[str, object], number: int, alone: bool) -> None:
        """What names a document is the same on all its rows, also where it is wrong."""
        name, most = self.rules.group_by[-1], self.rules.fields[self.rules.group_by[-1]].max or 40
        if self.dice.random() < 0.15:
            wrong = (f"=K{number}", f"4E+{number}", f"K{number}".ljust(most + 1, "x"), f"K{number}".ljust(most, "x"), f" K{number}", *([None] if alone else []))
            head[name] = self.dice.choice(wrong)

    def line(self, number: int) -> dict[str, object]:
        line = {name: self.good(field, number) if field.required else self.maybe(field, number) for name, field in self.rules.offered.items() if field.level == "line"}
        if "Line_Extension" in line and self.dice.random() < 0.1:
            return {**dict.fromkeys(line), "Line_Extension": 0.0, "Detail_Description": self.dice.choice((None, None, "An Item"))}
        names = [name for name in ("quantity", "rate", "unitPrice") if name in line]
        pieces = [line[name] for name in names]
        if "lineAmount" in line and all(isinstance(piece, float) for piece in pieces) and self.dice.random() < 0.7:
            line["lineAmount"] = round(pieces[0] * pieces[1], 2)
        return line

    def relate(self, head: dict[str, object], lines: list[dict[str, object]]) -> None:
        """Sums as they should be, or a little apart."""
        amount = next((name for name in ("lineAmount", "Line_Extension") if name in lines[0]), "")
        total = sum(line[amount] for line in lines if isinstance(line.get(amount), float))
        off = self.dice.choice((0.0, 0.0, 0.01, 0.05, 40.0))
        for name in ("total", "amount", "Retention_Amount"):
            if isinstance(head.get(name), float) and self.dice.random() < 0.7:
                head[name] = round(total + off, 2)
        if isinstance(head.get("Retention_Amount"), float) and isinstance(head.get("Retention_Percent"), float) and self.dice.random() < 0.5:
            head["Retention_Amount"] = round(total * head["Retention_Percent"] / 100 + off, 2)
        if "Line_Extension" in lines[0] and self.dice.random() < 0.1:
            for line in lines:
                line[amount] = -10.0

    def maybe(self, field: Field, number: int) -> object:
        return self.good(field, number) if self.dice.random() < 0.6 else None

    def good(self, field: Field, number: int) -> object:
        """What a field may hold; amounts are drawn from a few, so that some are more than others."""
        name, kind = field.name, field.kind
        if kind == "money":
            return self.dice.choice(AMOUNTS)
        if kind in ("number", "percent"):
            return self.dice.choice(PARTS.get(kind) or PARTS["quantity" if "quantity" in name.lower() else "price"]) if field.decimals else float(number % 7)
        if kind == "date":
            return TODAY - dt.timedelta(self.dice.randint(0, 300))
        if kind == "yes_no":
            return self.dice.choice(("yes", "no", "no", "no"))
        if kind == "currency":
            return self.dice.choice((None, None, "USD", "EUR"))
        return self.said(field, number)

    def said(self, field: Field, number: int) -> object:
        if field.name in self.keys:
            return f"K{number}"[: field.max or 40]
        if field.choices:
            return self.dice.choice(field.choices)
        if field.name == "privateNote":
            return self.dice.choice(NOTES)
        if field.name == "detailType":
            return self.dice.choice(LINE_KINDS)
        if field.name in ("companyName", "companyId", "customerName", "extCustomerId"):
            return f"{field.title[:4]} {self.dice.randint(0, 80)}"
        return field.example or "Word"

    def spoil(self, row: dict[str, object], others: list[dict[str, object]]) -> None:
        if self.dice.random() < 0.7:
            named = self.rules.group_by if self.rules.lined else ()
            names = sorted(set(row) - set(named))
            for name in self.dice.sample(names, min(len(names), self.dice.choice((1, 2, 3, 5)))):
                row[name] = self.wrong(self.rules.fields[name], others)

    def wrong(self, field: Field, others: list[dict[str, object]]) -> object:
        if self.dice.random() < 0.15:
            return None
        if field.name == self.rules.key and others and self.dice.random() < 0.5:
            return self.dice.choice(others)[field.name]
        if field.kind in ("text", "code") and field.max and self.dice.random() < 0.3:
            return self.dice.choice(("x" * field.max, "x" * (field.max + 1), f"  {'x' * field.max} ", f"{'x' * (field.max - 1)}  y", f"'{'y' * field.max}'"))
        return self.dice.choice(WRONG[field.kind])
