"""Yes/no and e-mail addresses (S3-12, S3-13)."""

import json

import pyarrow as pa
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_rules.values import parse_emails, parse_yes_no, split_emails
from invoice_rules.values import words as words_module
from invoice_rules.values.words import _sure_list, _why_wrong, _Wrong


def column(*texts):
    return pa.array(texts, pa.large_string())


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("YES", True), ("True", True), ("no", False), ("FALSE", False), ("Y", None), ("1", None), ("ja", None)])
def test_yes_and_no(text, value):  # S3-12
    assert parse_yes_no(column(text)).values.to_pylist() == [value]


@pytest.mark.parametrize(("text", "fix", "safe"), [("Y", "yes", True), ("n", "no", True), ("T", "true", True), ("1", "yes", False), ("void", "yes", False)])
def test_fixes_say_whether_they_are_safe(text, fix, safe):
    (fault,) = parse_yes_no(column(text)).faults
    assert (fault.fix(text).value, fault.fix(text).safe) == (fix, safe)


def message(text):
    from invoice_rules.problems import filled

    (fault,) = parse_emails(column(text)).faults
    return filled(fault.rule.message, fault.facts(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ap@acme", 'The address, "ap@acme", has no domain ending such as .com.'),
        ("a@b.co, ap@acme", 'The second address, "ap@acme", has no domain ending such as .com.'),
        ("a@b.co; x; y", 'The second address, "x", has no @ sign. Also wrong: "y".'),
        (";;", 'There is no address in ";;", only separators.'),
        (";".join("abcdefgh"[n] + "@b.co" for n in range(8)), "8 addresses stand here; up to 6 are allowed. Remove 2 of them."),
    ],
)
def test_each_bad_address_is_named(text, words):  # S3-13
    assert message(text) == words


@pytest.mark.parametrize("text", ["A B <a@acme.com>", "<a@acme.com>", "Acme< a@acme.com >"])
def test_the_address_to_keep_is_named(text):  # S3-13, X-5
    assert "has more than the address. Write a@acme.com alone." in message(text)
    assert "Write" not in message(text.replace("acme.com", "acme"))


def test_blanks_between_separators_are_ignored():  # S3-13
    assert split_emails(" a@b.co ,, ; c@d.co;") == ["a@b.co", "c@d.co"]
    assert parse_emails(column("a@b.co ,, ; c@d.co;")).faults == ()


def addresses(shared_data):
    lines = (shared_data / "strings" / "emails_python_email_validator.jsonl").read_text().strip().split("\n")
    texts = [value for line in lines for value in json.loads(line).values() if isinstance(value, str)]
    return [text for text in texts if not any("\ud800" <= c <= "\udfff" for c in text)]


def test_how_many_addresses_a_field_takes_is_its_own():  # S3-13
    text = pa.array(["a@acme.com", "a@acme.com, b@acme.com", "a@acme.com; b@acme.com; c@acme.com"], pa.large_string())
    assert [fault.at.tolist() for fault in parse_emails(text, 2).faults] == [[2]]
    assert [fault.at.tolist() for fault in parse_emails(text, 1).faults] == [[1, 2]]


def test_the_quick_look_never_accepts_what_the_library_refuses(shared_data):  # S3-13
    texts = addresses(shared_data)
    sure = column(*texts).filter(pa.compute.match_substring_regex(column(*texts), _sure_list(6)))
    for text in sure.to_pylist():
        for address in split_emails(text):
            validate_email(address, check_deliverability=False, test_environment=True)
    assert len(texts) > 100


def test_our_verdict_is_the_librarys(shared_data):  # S3-13
    for text in set(addresses(shared_data)):
        if any(mark in text for mark in ",;") or text != text.strip() or not text or "@" not in text:
            continue
        ours = parse_emails(column(text)).faults == ()
        assert ours == _library(text), text


def _library(text):
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return "." in text.rpartition("@")[2]


PIECE = st.sampled_from(["a", "b1", "A", "ł", "Ö", "×", "ÿ", "-", "--", ".", "_", "+", "'", "xn--", "xn--mnchen-3ya", "\\", '"', "<", "@", "ü", "é.", "א", "١", "．", "ß", "\u0301", "中.", "a" * 63, "ü" * 20, "test", "local"])
ENDING = st.sampled_from(["", ".com", ".co", ".ph", ".museum", ".shop", ".local", ".Test", ".onion", ".arpa", ".c", ".1a", ".рф", ".xn--p1ai", "."])
ADDRESS = st.builds(lambda name, at, domain, end: "".join(name) + at + "".join(domain) + end, st.lists(PIECE, max_size=3), st.sampled_from(["@", "@", "@", ""]), st.lists(PIECE, max_size=4), ENDING)


@settings(max_examples=600, deadline=None)
@given(ADDRESS)
def test_the_quick_verdicts_are_those_of_the_library(address):  # S3-13
    for part in split_emails(address):
        assert _Wrong()(part) == bool(_why_wrong(part))


@pytest.mark.parametrize("form", ["a{}@x.ph", "a{}@x{}.museum", "ü{}@ü.de", "ü@ü{}.de", "a{}@x{}_.com", "a{}@xn--{}.de"])
def test_hundreds_of_thousands_of_different_addresses_are_few_questions_to_the_library(form, monkeypatch):
    asked = []
    monkeypatch.setattr(words_module, "_why_wrong", lambda address: asked.append(address) or "")
    parse_emails(column(*(form.format(at, at) for at in range(60_000))))
    assert len(asked) <= 30_000


def test_an_address_that_was_not_looked_at_is_told_and_not_taken_for_right(monkeypatch):  # S3-13
    monkeypatch.setattr(words_module, "_JUDGED", 40)
    (fault,) = parse_emails(column(*(f"ü@почта{at}.рф" for at in range(9)), "ü@müller.de")).faults
    assert fault.at.tolist() == [4, 5, 6, 7, 8]
    assert fault.facts("ü@почта8.рф")["why"] == "was not looked at: the column has too many different addresses in foreign letters. Divide the file."


def test_endless_addresses_are_judged_at_once():
    assert [len(fault.at) for fault in parse_emails(column("@" * 300_000, "a@" + "a." * 300_000 + "com")).faults] == [2]
