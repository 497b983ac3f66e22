"""A list of records laid out some at a time gives the same table as one laid out at once."""

import json
import random
from typing import Any

import pytest

from invoice_rules.errors import CannotRun
from invoice_rules.fields import RuleSet
from invoice_rules.reading import json as json_reader
from invoice_rules.reading import jsonparts, read
from invoice_rules.rulesets import rule_set
from tests.reading.files import cells

NAMES = ["DocNumber", "TotalAmt", "Memo", "a b", "é", "CustomerRef", "x.y"]


def value(dice: random.Random, depth: int) -> Any:
    plain = [None, True, "", "text", 'a "quote", and {brackets]', "back\\slash", "Łódź", 1.5, -3, 12345678901234567890, [], [1, "a,b"], [[{"x": 1}]]]
    if depth and dice.random() < 0.15:
        return {name: value(dice, depth - 1) for name in dice.sample(NAMES, dice.randrange(3))}
    return dice.choice(plain)


def record(dice: random.Random) -> dict[str, Any]:
    made = {name: value(dice, 2) for name in dice.sample(NAMES, dice.randrange(len(NAMES)))}
    if dice.random() < 0.3:
        made[dice.choice(["Line", "line", "Lines"])] = dice.choice([None, 5, [], [{}], {"Amount": 5}, [{"Amount": value(dice, 1), "Id": str(at)} for at in range(dice.randrange(1, 4))]])
    return made


def outcome(text: bytes, rules: RuleSet | None, *, in_parts: bool) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        if in_parts:
            patch.setattr(json_reader, "PART_FROM", 0)
            patch.setattr(json_reader, "_BLOCK", 100)
        try:
            table = read(("a.json", text), rules=rules)
        except CannotRun as error:
            return str(error)
    kinds = {at: its.tolist() for at, its in table.kinds.items()}
    records = None if table.records is None else table.records.tolist()
    addresses = [table.origin.address(row, at) for row in table.frame.index[:50] for at in range(len(table.headings))]
    return table.headings, cells(table), list(table.frame.index), kinds, records, addresses, table.origin, [(found.rule.id, found.column) for found in table.findings]


@pytest.mark.parametrize("rules", [None, "quickbooks.history"])
@pytest.mark.parametrize("seed", range(40))
def test_parts_and_the_whole_are_the_same(seed, rules):
    dice = random.Random(seed)
    text = json.dumps([record(dice) for _ in range(dice.randrange(1, 60))], ensure_ascii=dice.random() < 0.5, indent=dice.choice([None, 1])).encode()
    its = rule_set(rules) if rules else None
    assert outcome(text, its, in_parts=True) == outcome(text, its, in_parts=False)


@pytest.mark.parametrize("lines", [b"[]", b'[{"Amount": 1}, {"Amount": 2}]'])
def test_a_list_of_lines_that_is_a_cell_elsewhere_is_seen_in_all_records(lines):
    text = b'[{"DocNumber": "1", "Line": %b}, {"DocNumber": "2", "Line": [{"Amount": 3}]}, {"DocNumber": "3", "Line": null}]' % lines
    rules = rule_set("quickbooks.history")
    assert outcome(text, rules, in_parts=True) == outcome(text, rules, in_parts=False)


def test_names_that_come_late_are_weighed_on_the_rows_before_them(monkeypatch):
    monkeypatch.setattr(jsonparts, "SPARE_BYTES", 50_000)
    laying = jsonparts._Laying(("Line",), 0, "a.json")
    laying.add([{"id": "1", "Line": [{}] * 2_000}])
    with pytest.raises(CannotRun, match="so many lines"):
        laying.add([{f"n{at}": "1" for at in range(5)}])


RECORDS = b", ".join(b'{"id": "%d", "amount": %d.50, "tags": ["a", {"b": 1}]}' % (at, at) for at in range(40))


@pytest.mark.parametrize(
    "text",
    [
        b"[%b,]" % RECORDS,
        b"[, %b]" % RECORDS,
        b"[%b, , %b]" % (RECORDS, RECORDS),
        b"[%b], [%b]" % (RECORDS, RECORDS),
        b"[%b] x" % RECORDS,
        b"x [%b]" % RECORDS,
        b"[%b" % RECORDS,
        b"%b]" % RECORDS,
        b"%b" % RECORDS,
        RECORDS.replace(b"}, {", b"}\n{"),
        b"[%b, 5, %b]" % (RECORDS, RECORDS),
        b'[%b, {"id": 1, "id": 2}]' % RECORDS,
        b'[%b, {"id": NaN}]' % RECORDS,
        b'[%b, {"id": "\\ud800"}]' % RECORDS,
        b'[%b, {"id": "\\ud83d\\ude00"}]' % RECORDS,
        b'[%b, {"id": %b}]' % (RECORDS, b"1" * 500),
        b'[%b, {"id": "a]}, {"}]' % RECORDS,
        b'{"list": [%b]}' % RECORDS,
        b'{"list": [%b], "other": [%b]}' % (RECORDS, RECORDS),
        b"\xef\xbb\xbf \n[%b]\n\n" % RECORDS,
        b"[" + b", ".join([b"{}"] * 200) + b"]",
        b"[" + b", ".join(b'{"n%d": 1}' % at for at in range(600)) + b"]",
    ],
)
def test_what_is_unusual_is_told_in_the_same_words(text):
    assert outcome(text, None, in_parts=True) == outcome(text, None, in_parts=False)


def test_few_records_are_there_at_a_time(monkeypatch):
    most, plain = [], jsonparts._Laying.add
    monkeypatch.setattr(json_reader, "PART_FROM", 0)
    monkeypatch.setattr(json_reader, "_BLOCK", 10_000)
    monkeypatch.setattr(jsonparts._Laying, "add", lambda self, records: most.append(len(records)) or plain(self, records))
    table = read(("a.json", json.dumps([{"id": f"{at:08}"} for at in range(50_000)]).encode()))
    assert len(table) == 50_000 and max(most) < 1_200
