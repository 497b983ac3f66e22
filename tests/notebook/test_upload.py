"""Files that arrive in pieces: whole or not at all, under names that are safe, within the limits (S3-1, S3-18)."""

import pytest

from invoice_rules.notebook.guard import Guard
from invoice_rules.notebook.source import limits, server_files
from invoice_rules.notebook.upload import Upload
from invoice_rules.rulesets import rule_set
from tests.notebook.importing import RULES, sent


@pytest.fixture
def arrived():
    return []


@pytest.fixture
def upload(tmp_path, arrived):
    made = Upload(Guard(arrived.append), tmp_path / "uploads", arrived.append)
    made.allow({".csv": 100, "": 1000}, "up to 100 bytes")
    return made


def pieces(data: bytes, size: int, name: str = "may.csv", turn: str = "t"):
    parts = [{"kind": "piece", "at": at, "buffers": [memoryview(data[at : at + size])]} for at in range(0, len(data), size)]
    for number, message in enumerate([{"kind": "start", "name": name, "size": len(data)}, *parts, {"kind": "end"}]):
        yield {"turn": turn, "number": number, **message}


def test_pieces_make_the_file_and_each_is_answered(upload, arrived):
    answers = sent(upload, *pieces(b"0123456789", 4))
    assert [said["at"] for said, _ in answers] == [0, 4, 8, 10, 10]
    assert (arrived[0].name, arrived[0].read_bytes()) == ("may.csv", b"0123456789")
    assert arrived[0].parent.stat().st_mode & 0o077 == 0


def test_a_message_that_is_sent_again_is_answered_again_and_taken_once(upload, arrived):
    twice = [message for message in pieces(b"0123456789", 4) for _ in range(2)]
    answers = [said for said, _ in sent(upload, *twice)]
    assert answers[::2] == answers[1::2]
    assert [(said["number"], said["at"]) for said in answers[::2]] == [(0, 0), (1, 4), (2, 8), (3, 10), (4, 10)]
    assert [path.read_bytes() for path in arrived] == [b"0123456789"]


def test_a_refusal_that_was_lost_is_told_again(upload, arrived):
    first = {"kind": "start", "turn": "t", "number": 0, "name": "may.csv", "size": 101}
    answers = [said for said, _ in sent(upload, first, first)]
    assert answers[0] == answers[1]
    assert answers[0]["kind"] == "refused"


@pytest.mark.parametrize("name", ["../../../etc/may.csv", "C:\\temp\\may.csv", "/may.csv"])
def test_names_lead_nowhere_else(upload, arrived, tmp_path, name):
    sent(upload, *pieces(b"x", 1, name))
    assert (arrived[0].name, arrived[0].parents[1]) == ("may.csv", tmp_path / "uploads")


def test_a_file_over_the_limit_is_refused_before_its_first_piece(upload, arrived, tmp_path):
    answers = sent(upload, {"kind": "start", "turn": "t", "name": "may.CSV", "size": 101})
    assert answers[0][0]["kind"] == "refused"
    assert "These rules take files up to" in answers[0][0]["says"]
    assert (arrived, (tmp_path / "uploads").exists()) == ([], False)


@pytest.mark.parametrize(
    "messages",
    [
        [{"kind": "piece", "turn": "t", "at": 0, "buffers": [memoryview(b"x")]}],
        [{"kind": "end", "turn": "t"}],
        [{"kind": "start", "turn": "t", "name": "a.csv", "size": 2}, {"kind": "end", "turn": "t"}],
        [{"kind": "start", "turn": "t", "name": "a.csv", "size": 2}, {"kind": "piece", "turn": "t", "at": 1, "buffers": [memoryview(b"x")]}],
        [{"kind": "start", "turn": "t", "name": "a.csv", "size": 2}, {"kind": "piece", "turn": "t", "at": 0, "buffers": [memoryview(b"xyz")]}],
        [{"kind": "start", "turn": "t", "name": "a.csv", "size": 2}, {"kind": "piece", "turn": "u", "at": 0, "buffers": [memoryview(b"x")]}],
        [{"kind": "delete", "turn": "t"}],
    ],
)
def test_what_is_no_whole_file_is_refused_and_leaves_nothing(upload, arrived, tmp_path, messages):
    answers = sent(upload, *({**message, "number": number} for number, message in enumerate(messages)))
    assert answers[-1][0]["kind"] == "refused"
    assert arrived == []
    assert not list((tmp_path / "uploads").rglob("*.csv"))


def test_another_file_takes_the_place_of_one_that_was_begun(upload, arrived, tmp_path):
    sent(upload, {"kind": "start", "turn": "old", "name": "old.csv", "size": 9}, *pieces(b"new", 2, "new.csv", "new"))
    assert [path.name for path in (tmp_path / "uploads").rglob("*.csv")] == ["new.csv"]
    assert [path.name for path in arrived] == ["new.csv"]


def test_a_message_that_makes_no_sense_is_told(upload, arrived, monkeypatch, tmp_path):
    monkeypatch.setattr("invoice_rules.trouble.log_folder", lambda: tmp_path)
    sent(upload, {"kind": "start", "turn": "t", "name": "a.csv", "size": "many"})
    assert "Something went wrong" in arrived[0]


def test_a_disk_that_is_full_is_told_in_the_page(upload, monkeypatch):
    def full(*_given, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.mkdir", full)
    said = sent(upload, {"kind": "start", "turn": "t", "name": "a.csv", "size": 1})[0][0]
    assert said["says"] == "The file could not be kept here: No space left on device. Free some space, then try again."


def test_limits_are_those_of_the_rules(tmp_path):  # S3-1
    assert limits(rule_set(RULES), None) == ({".csv": 10_485_760, "": 536_870_912}, ".csv up to 10 MB; other CSV, text, Excel and JSON files up to 512 MB")
    assert limits(rule_set(RULES), 20)[0] == {"": 20_971_520}
    assert limits(None, None)[1] == "CSV, text, Excel and JSON files up to 512 MB"


def test_files_on_the_server_are_those_of_the_folder_without_links(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("x")
    folder = tmp_path / "inbox"
    (folder / "sub.csv").mkdir(parents=True)
    (folder / "may.csv").write_text("x")
    (folder / "~$may.xlsx").write_text("x")
    (folder / "notes.md").write_text("x")
    (folder / "link.csv").symlink_to(secret)
    assert server_files(folder) == [folder / "may.csv"]
    assert server_files(tmp_path / "none") == []
