"""The rules against a second reading of them: random rows, whole and broken in every way, must get the same verdict from both.

S3-4 … S3-13, S3-21, S3-28 … S3-30, X-3, X-4, X-9, X-12, X-17, X-21, X-24.
"""

import csv
import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from invoice_rules import Entity, Severity, exact, examine
from tests.contexts import Empty
from tests.independent import AMOUNTS, REQUIRED, verdict

TODAY = dt.date(2026, 11, 21)
CLOSED = dt.date(2026, 1, 31)


class Rows:
    """Random receivables; one number gives one sequence of files."""

    def __init__(self, seed: int):
        self.dice = random.Random(seed)
        self.made: list[dict[str, str]] = []

    def file(self, path: Path, count: int, day_first: bool) -> None:
        self.made = []
        self.dates = MONTH_FIRST_DATES if day_first else [text for text in ODD_DATES if text not in DAY_FIRST_ONLY]
        self.named = {f"C-{n}": self.name() for n in range(count // 4)}
        for number in range(count):
            row = self.good(number)
            for _ in range(self.dice.choice((0, 0, 1, 1, 2, 3))):
                self.spoil(row)
            self.made.append(row)
        headings = self.dice.sample([*REQUIRED, "currency"], len(REQUIRED) + 1)
        with path.open("w", encoding="utf-8", newline="") as handle:
            write = csv.writer(handle, lineterminator=self.dice.choice(("\n", "\r\n")))
            write.writerow(headings)
            for row in self.made:
                write.writerow([row[name] for name in headings])
                if self.dice.random() < 0.01:
                    handle.write("\r\n")

    def good(self, number: int) -> dict[str, str]:
        cents = self.dice.randint(1, 10**9)
        customer = self.dice.choice(list(self.named))
        date = TODAY - dt.timedelta(self.dice.randint(-300, 3_600) if self.dice.random() < 0.2 else self.dice.randint(0, 330))
        return {
            "invoiceId": f"INV-{number:07}",
            "invoiceNumber": f"{self.dice.choice(('N', 'A/R '))}{number}",
            "amount": self.dressed(cents),
            "amountDue": self.dressed(self.dice.randint(0, cents)),
            "customerName": self.named[customer],
            "extCustomerId": customer,
            "date": self.day(date),
            "dateDue": self.day(date + dt.timedelta(self.dice.randint(0, 60))),
            "isCanceled": self.dice.choice(("yes", "no", "true", "FALSE", "No", "tRuE", "YES")),
            "contactEmail": self.dice.choice(("ap@miller.co", "ap@miller.co; b.c+d@acme.com,", "jö@bücher.de", "a@b.co,b@b.co,c@b.co;d@b.co;e@b.co;;f@b.co")),
            "currency": self.dice.choice(("", "", "USD", "usd", "CAD")),
        }

    def name(self) -> str:
        return self.dice.choice(("Miller", "O'Brien", "Ærø", "Smith & Sons", "Contest", "株式会社")) + f" {self.dice.randint(1, 10**6)}"

    def dressed(self, cents: int) -> str:
        whole, part = divmod(cents, 100)
        return self.dice.choice((f"{whole}.{part:02}", f"{whole:,}.{part:02}", f"${whole:,}.{part:02}", f"$ {whole}.{part:02}", f"{whole:,}", f"{whole}"))

    def day(self, date: dt.date) -> str:
        sign = self.dice.choice("-/.")
        return f"{date.month:0{self.dice.choice((1, 2))}}{sign}{date.day:02}{sign}{date.year}"

    def spoil(self, row: dict[str, str]) -> None:
        """Break, or only change, one thing."""
        kind = self.dice.choice(KINDS)
        kind(self, row)

    def blank(self, row):
        row[self.dice.choice(REQUIRED)] = self.dice.choice(("", " ", '""', "' '", "\u00a0"))

    def quote(self, row):
        name = self.dice.choice((*REQUIRED, "currency"))
        before, after = self.dice.choice(((" ", " "), ('"', '"'), ("'", "'"), ("\t", ""), ("", "\u00a0"), ("' ", "\n"), ('"" ', '"')))
        row[name] = before + row[name] + after

    def text(self, row):
        name = self.dice.choice(("invoiceId", "invoiceNumber", "customerName", "extCustomerId"))
        kept = row[name]
        row[name] = self.dice.choice(ODD_TEXTS).replace("~", kept)

    def length(self, row):
        name = self.dice.choice(("invoiceId", "invoiceNumber", "customerName", "extCustomerId"))
        row[name] = (row[name] + self.dice.choice(("x", "é", "😀")) * 60)[: self.dice.choice((39, 40, 41, 49, 50, 51))]

    def money(self, row):
        row[self.dice.choice(AMOUNTS)] = self.dice.choice(ODD_AMOUNTS)

    def sign(self, row):
        name = self.dice.choice(AMOUNTS)
        row[name] = self.dice.choice(("({})", "-{}", "{}-", "{} CR", "{}cr", "( {} )", "({})-", "-({})", "--{}", "+{}", "({}", "{})")).format(row[name])

    def digits(self, row):
        """Any run of digits, commas and points."""
        row[self.dice.choice(AMOUNTS)] = "".join(self.dice.choices("0123456789,.", [1] * 10 + [2, 1], k=self.dice.randint(1, 18)))

    def more_due(self, row):
        row["amount"], row["amountDue"] = row["amountDue"], row["amount"]

    def money_of(self, row):
        row["currency"] = self.dice.choice(("JPY", "BHD", "EUR", "CAD", "jpy", "dollars", "US", "XX1", "€"))

    def date(self, row):
        row[self.dice.choice(("date", "dateDue"))] = self.dice.choice(self.dates)

    def turned(self, row):
        row["date"], row["dateDue"] = row["dateDue"], row["date"]

    def canceled(self, row):
        row["isCanceled"] = self.dice.choice(("Y", "n", "1", "0", "void", "yes!", "oui", "TRUE", "ja", "ye s", "𝐲𝐞𝐬", "ＹＥＳ"))

    def email(self, row):
        row["contactEmail"] = self.dice.choice(ODD_EMAILS)

    def many_emails(self, row):
        row["contactEmail"] = self.dice.choice(";,").join(self.dice.choice(("a@b.co", "ap@miller.co", "x@y", "c d@e.co", "")) for _ in range(self.dice.randint(1, 12)))

    def demo(self, row):
        name = self.dice.choice(("invoiceId", "invoiceNumber", "customerName", "contactEmail"))
        row[name] = "ap@example.com" if name == "contactEmail" else self.dice.choice(("Test", "DEMO-1", "my sample", "asdf", "protest", "Demosthenes", "latest 5"))

    def again(self, row):
        """Take some of another row's cells, whole or a little different."""
        if self.made:
            other = self.dice.choice(self.made[-40:])
            names = self.dice.choice((("invoiceId",), ("extCustomerId",), ("extCustomerId", "customerName", "invoiceNumber"), ALIKE, ALIKE, ALIKE, (*ALIKE, "invoiceId")))
            row |= {name: other[name] for name in names}
            if self.dice.random() < 0.5:
                row["invoiceNumber"] = row["invoiceNumber"].replace("0", "O").replace("1", self.dice.choice("Il1"))
            if self.dice.random() < 0.3:
                row["customerName"] = self.dice.choice((row["customerName"].upper(), row["customerName"].replace(" ", "  "), row["customerName"].replace(" ", "")))
            if self.dice.random() < 0.3:
                row["invoiceId"] = row["invoiceId"].lower()
            if self.dice.random() < 0.3:
                row["currency"] = self.dice.choice(("", "USD", "JPY"))
            if self.dice.random() < 0.3:
                row["amount"] = self.dice.choice(("500", "5.00", "$5.00"))


ALIKE = ("extCustomerId", "customerName", "invoiceNumber", "amount", "date", "currency")
KINDS = (
    Rows.blank, Rows.quote, Rows.text, Rows.length, Rows.money, Rows.sign, Rows.digits, Rows.more_due, Rows.money_of, Rows.date, Rows.turned,
    Rows.canceled, Rows.email, Rows.many_emails, Rows.demo, Rows.again, Rows.again,
)  # fmt: skip
ODD_TEXTS = (
    "=~", "+~", "-~", "@~", "= ~", "~--~", "~=cmd", "x=CMD|' /C calc'!A0", "~=SUM(A1)", "a=VLookup(", "~ - ~", "~'s", '~"~', "~=~", "~+~", "~@~", "--", "-",
    "007Cor", "00123", "12345678901234567890", "4.72026110045781E+15", "4.7E+19", "4E5", "1E5", "-1.5e+20", "E+15", "~\x07", "\x1b~", "~\x7f~", "a\x85~", "~\u009b",
    "~\n~", "~\r\n~", "~\t~", "#N/A", "NULL", "None", "nan", "0", "True", "~;~", "~,~", "~ | ~", "&amp;", "<b>~</b>", "{title}", "%s", "ÜBER ~", "e\u0301~",
)  # fmt: skip
ODD_AMOUNTS = (
    "0", "0.00", "-0", "$ -", "-", "$-", "(0.00)", "5.555", "5.550", "0.001", "0.009999999999999999", "36788.399999999994", "128861.32999999998", "0.1000000000000000055",
    "1,00.00", "12,34,567.00", "1000,000.00", ",100", "100,", "1,,000", "1,000,00", "1.000,00", "1000,5", "12,5", "1.234.567", "1.2.3", ".", ",", "$", ".5", "5.", "$.5",
    "€5.00", "5.00 EUR", "EUR 5", "£5", "¥500", "5 USD", "1.2E+05", "1E5", "1e-3", "NaN", "inf", "Infinity", "１２", "٣", "1_000", "0x10", "five", "#N/A", "TRUE", "5 00",
    "9999999999999.99", "10000000000000", "1,234,567,890,123.45", "12,345,678,901,234.00", "999,999,999,999,999", "123456789012345.00", "1234567890123.999", "1234567890123.451",
    "123456789012.3456", "00000000000000000005.00", "5.00000000000000000000", "1e400", "9" * 30, "9" * 5000, "(5", "5)", "()", "(-5)", "5-", "-5-", "5 -", "5 cr", "$(5.00)", "($5.00)",
    "-$5.00", "$-5.00", "--5", "+5.00", "CR", "5.00C", "- 5", "1 000.00", "1'000.00", "500.0", "1234.5",
)  # fmt: skip
ODD_DATES = (
    "02/30/2026", "2/29/2026", "2/29/2024", "13/13/2026", "00/10/2026", "10/00/2026", "0/0/2026", "1/2/26", "01/02/99", "2026-01-31", "2026/01/31", "20260131",
    "Jan 31, 2026", "31 Jan 2026", "1/2-2026", "1.2/2026", "1//2026", "1/2/20266", "001/02/2026", "1/2/2026x", "46022", "today", "1 / 2 / 2026", "01 31 2026", "1/2",
    "1/1/2026", "12/12/2026", "01/31/2026", "02/01/2026", "11/21/2027", "11/22/2027", "11/21/2016", "11/20/2016", "01.02.2026", "7-4-2026", "１/２/2026", "6/31/2026",
    "13/02/2026", "26/06/2026", "31.12.2026", "30-01-2026",
)  # fmt: skip
DAY_FIRST_ONLY = ("13/02/2026", "26/06/2026", "31.12.2026", "30-01-2026")
MONTH_FIRST_DATES = list(ODD_DATES)
ODD_EMAILS = (
    "ap@", "@acme.com", "ap", "ap@acme", "ap@acme..com", "ap@-acme.com", "a b@acme.com", "ap@acme.com ap@acme.com", "Ann <ap@acme.com>", ";", ",;, ;", "ap@acme.com;;",
    "a@b.co;a@b.co", "a" * 65 + "@acme.com", "a@" + "b" * 64 + ".com", "a@" + "b." * 130 + "com", ".a@acme.com", "a.@acme.com", "a..b@acme.com", "ap@[127.0.0.1]", "ap@acme.c",
    "ap@acme.com.", "ap@ac_me.com", "ap@acme.123", "o'brien@acme.ie", "ap+x@acme.com", "ünï@bücher.example", "ap@xn--bcher-kva.de", "ap@localhost", "ap@a.local", "ap@a.invalid",
    "ap@acme.com|b@acme.com", "mailto:ap@acme.com", "=ap@acme.com", "-ap@acme.com", "ap@acme.com/b@acme.com", "AP@ACME.COM", "a@b.co,x,c@d.co", "a\nb@acme.com", "a@b.co\nb@b.co",
)  # fmt: skip


def same_verdicts(folder: Path, seed: int, files: int, rows: int) -> Counter:
    """Compare both readings of some files; how many problems of each rule they agreed on."""
    agreed, random_rows = Counter(), Rows(seed)
    for at in range(files):
        path = folder / f"{seed}-{at}.csv"
        random_rows.file(path, rows, day_first=at % 3 == 0)
        live, closed = at % 2 == 0, CLOSED if at % 4 < 2 else None
        theirs, totals = verdict(path, TODAY, live, closed)
        context = Empty(Entity(environment="live" if live else "test", closed_until=closed))
        report = examine(path, "paystand.receivables", context=context, today=TODAY)
        ours = {(problem.row, problem.field, problem.rule) for problem in report.problems if problem.severity > Severity.NOTICE}
        cells = {row.Index: row for row in report.table.frame.itertuples()}
        assert not ours ^ theirs, "\n".join(f"{'engine' if it in ours else 'checker'} only: {it} {cells.get(it[0])}" for it in sorted(ours ^ theirs, key=str)[:20])
        sums = {code: {name: Decimal(exact(minor, code)) for name, minor in its.items()} for code, its in report.totals().items()}
        assert sums == totals
        assert report.rejected == len({row for row, _, rule in theirs if rule not in WARNINGS})
        agreed.update(rule for _, _, rule in ours)
        path.unlink()
    return agreed


RULES = {
    "required", "cell-error", "max-length", "content", "control-characters", "lost-digits", "money", "decimals", "decimal-mark", "not-negative", "within-amount", "zero-amount", "currency",
    "yes-no", "email", "email-count", "demo-data", "date", "date-order", "far-date", "due-before-date", "closed-books", "duplicate", "two-names", "number-again", "near-duplicate",
}  # fmt: skip
WARNINGS = {"zero-amount", "due-before-date", "far-date", "demo-data", "near-duplicate"}


def test_ten_thousand_random_rows(tmp_path):
    agreed = same_verdicts(tmp_path, seed=1, files=10, rows=1_000)
    assert agreed.keys() == RULES
    assert min(agreed.values()) >= 20


@pytest.mark.parametrize(("proof", "broken"), [("7", True), ("1,200", True), ("7.50", False), ("$1,234,567", False), ("(0.5)", False)])
def test_points_that_no_amount_of_the_column_explains(tmp_path, proof, broken):
    made = Rows(3)
    made.dates, made.named = MONTH_FIRST_DATES, {"C-1": "Miller"}
    amounts = [("1.200", "USD"), (proof, "USD"), ("1.200", "BHD"), ("12", ""), ("$12.340", ""), ("1.000", "JPY"), ("5.-", "")]
    rows = [made.good(number) | {"amount": amount, "amountDue": "0", "currency": code} for number, (amount, code) in enumerate(amounts)]
    with (path := tmp_path / "points.csv").open("w", encoding="utf-8", newline="") as handle:
        (write := csv.DictWriter(handle, rows[0])).writeheader()
        write.writerows(rows)
    theirs, totals = verdict(path, TODAY)
    report = examine(path, "paystand.receivables", context=Empty(), today=TODAY)
    ours = {(problem.row, problem.rule) for problem in report.problems if problem.field == "amount"}
    unsure = {(row, "decimals") for row in (2, 6, 7) if broken}
    assert {(row, rule) for row, field, rule in theirs if field == "amount"} == ours
    assert unsure == {(row, rule) for row, rule in ours if rule == "decimals"}
    assert (8, "money") in ours
    assert {code: {name: Decimal(exact(minor, code)) for name, minor in its.items()} for code, its in report.totals().items()} == totals


@pytest.mark.parametrize(("proofs", "broken"), [(["12,50"], {2, 3, 4}), (["1.234,56", "12.50"], {2, 3, 4}), (["1.200.300"], {2, 3, 4}), (["12.50"], set())])
def test_amounts_of_two_meanings_beside_decimal_commas(tmp_path, proofs, broken):
    made = Rows(3)
    made.dates, made.named = MONTH_FIRST_DATES, {"C-1": "Miller"}
    amounts = [("5.200", "USD"), ("1,200", "USD"), ("(1.200)", "BHD"), ("12", ""), ("1.234", ""), *((proof, "USD") for proof in proofs)]
    rows = [made.good(number) | {"amount": amount, "amountDue": "0", "currency": code} for number, (amount, code) in enumerate(amounts)]
    with (path := tmp_path / "marks.csv").open("w", encoding="utf-8", newline="") as handle:
        (write := csv.DictWriter(handle, rows[0])).writeheader()
        write.writerows(rows)
    theirs, _ = verdict(path, TODAY)
    ours = {(problem.row, problem.field, problem.rule) for problem in examine(path, "paystand.receivables", context=Empty(), today=TODAY).problems}
    assert {row for row, _, rule in ours if rule == "decimal-mark"} == {row for row, _, rule in theirs if rule == "decimal-mark"} == broken


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 12))
def test_two_hundred_thousand_random_rows(tmp_path, seed):
    assert same_verdicts(tmp_path, seed, files=4, rows=5_000).total() > 20_000
