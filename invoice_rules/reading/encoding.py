"""Bytes -> UTF-8, with the evidence told (S3-2): byte order marks, UTF-16 and UTF-32, UTF-8, else Windows-1252 with a notice."""

import codecs
from dataclasses import dataclass

import numpy as np

from invoice_rules.errors import CannotRun
from invoice_rules.problems import Finding, Rule, Severity, plural

WINDOWS = Rule(
    "encoding",
    "{name} is not UTF-8, so it is read as Windows Western European (cp1252): {count}, such as {sample} on line {line}. If they look wrong, choose the encoding yourself.",
    "S3-2",
    "The encoding is found and shown.",
    Severity.NOTICE,
)
WIDE = Rule("encoding", "{name} has no byte order mark; its bytes show that it is {encoding}.", "S3-2", severity=Severity.NOTICE)
TWICE = Rule(
    "encoding",
    "{name} starts with a byte order mark that was encoded twice. The mark is left out; look at accented letters.",
    "S3-2",
    severity=Severity.NOTICE,
)

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARK_TWICE = codecs.BOM_UTF8.decode("cp1252").encode("utf-8")
_BLOCK = 1 << 22


@dataclass(frozen=True)
class Decoded:
    """`data` is UTF-8 without a mark; `encoding` what the file was in."""

    data: bytes
    encoding: str
    findings: tuple[Finding, ...] = ()


def decoded(data: bytes, name: str, encoding: str | None = None) -> Decoded:
    """UTF-8 text of a file. Raises CannotRun naming byte and line where no encoding fits, and for NUL bytes."""
    found = _chosen(data, name, encoding) if encoding else _found(data, name)
    at = found.data.find(b"\0")
    if at >= 0:
        raise CannotRun(
            f"{name} holds a NUL byte at byte {at + 1:,} (line {_line(found.data, at):,}), so it is no plain text, or it is damaged. Export the file again."
        )
    return found


def _chosen(data: bytes, name: str, encoding: str) -> Decoded:
    try:
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding:  # hex, zip and rot13 are codecs too
            raise LookupError(encoding)
    except (LookupError, ValueError) as error:
        raise CannotRun(f'There is no encoding named "{encoding}". Write for example utf-8, utf-16 or cp1252.') from error
    if codec.name == "utf-8" and not data.startswith(codecs.BOM_UTF8):
        _utf8(data, name)
        return Decoded(data, "utf-8")
    for mark, its in _MARKS:
        if data.startswith(mark) and codec.name.replace("-sig", "") in (its, its.rpartition("-")[0]):
            return Decoded(_recoded(data[len(mark) :], its, name, len(mark)), codec.name)
    return Decoded(_recoded(data, codec.name, name), codec.name)


def _found(data: bytes, name: str) -> Decoded:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data, mark, encoding, name)
    if data.startswith(_MARK_TWICE):
        rest = data[len(_MARK_TWICE) :]
        inner = _found(rest, name) if rest else Decoded(rest, "utf-8")
        return Decoded(inner.data, inner.encoding, (Finding(TWICE, facts={"name": name}), *inner.findings))
    wide = _wide(data)
    if wide:
        return Decoded(_recoded(data, wide, name), wide, (Finding(WIDE, facts={"name": name, "encoding": wide.upper()}),))
    at = _first_fault(data)
    return Decoded(data, "utf-8") if at is None else _windows(data, name, at)


def _marked(data: bytes, mark: bytes, encoding: str, name: str) -> Decoded:
    if encoding != "utf-8":
        return Decoded(_recoded(data[len(mark) :], encoding, name, len(mark)), encoding)
    data = data[len(mark) :]
    while data.startswith(mark):  # programs that append to a file may mark it again
        data = data[len(mark) :]
    if data.startswith(_MARK_TWICE):
        return Decoded(_found(data, name).data, "utf-8-sig", (Finding(TWICE, facts={"name": name}),))
    _utf8(data, name)
    return Decoded(data, "utf-8-sig")


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: zero bytes stand in most of the same places."""
    head = data[:4096]
    if b"\0" not in head:
        return None
    for encoding, step, zeros in (("utf-32-le", 4, (1, 2, 3)), ("utf-32-be", 4, (0, 1, 2)), ("utf-16-le", 2, (1,)), ("utf-16-be", 2, (0,))):
        places = [head[place::step] for place in zeros]
        others = [head[place::step] for place in range(step) if place not in zeros]
        if len(data) % step == 0 and all(p.count(0) > 0.6 * len(p) for p in places) and all(o.count(0) < 0.05 * len(o) for o in others):
            return encoding
    return None


def _first_fault(data: bytes) -> int | None:
    """Where UTF-8 breaks first, None where it does not; in blocks, so that memory stays small."""
    if data.isascii():
        return None
    start = 0
    while start < len(data):
        end = min(start + _BLOCK, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80 and end - start > _BLOCK - 4:
            end -= 1  # do not cut a letter in two
        try:
            data[start:end].decode("utf-8")
        except UnicodeDecodeError as error:
            return start + error.start
        start = end
    return None


def _utf8(data: bytes, name: str) -> None:
    at = _first_fault(data)
    if at is not None:
        raise _undecodable(data, name, at, "UTF-8")


def _recoded(data: bytes, encoding: str, name: str, mark: int = 0) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        raise _undecodable(data, name, error.start, encoding, mark, _breaks(data[: error.start], encoding)) from error
    except UnicodeEncodeError as error:
        raise CannotRun(
            f"{name} holds half a character (a lone surrogate) at character {error.start + 1:,}. Export the file again as UTF-8."
        ) from error


def _breaks(data: bytes, encoding: str) -> int:
    return data.decode(encoding, "replace").count("\n")


def _windows(data: bytes, name: str, at: int) -> Decoded:
    letters, odd = _utf8_letters(data)
    if letters > odd:
        raise CannotRun(
            f"{name} mixes two encodings: most of it is UTF-8, but byte {at + 1:,} (0x{data[at]:02X}) on line {_line(data, at):,} is not. "
            "Ask the sender to save it again as UTF-8, or choose the encoding yourself."
        )
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _undecodable(data, name, error.start, "UTF-8 or Windows-1252") from error
    line = text.splitlines()[0] if at == 0 else text[max(0, at - 12) : at + 12].replace("\r", "\n").split("\n")
    sample = line if isinstance(line, str) else next((part for part in line if not part.isascii()), line[0])
    count = plural(len(data) - _plain(data), "special character")
    facts = {"name": name, "count": count, "sample": f'"{sample.strip()[:24]}"', "line": f"{_line(data, at):,}"}
    return Decoded(text.encode("utf-8"), "cp1252", (Finding(WINDOWS, facts=facts),))


def _utf8_letters(data: bytes) -> tuple[int, int]:
    """(letters beyond ASCII that are UTF-8, places that are not), block by block."""
    letters = odd = 0
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        text = block.decode("utf-8", "replace")
        faults = text.count("\ufffd")
        letters, odd = letters + len(text) - _plain(block) - faults, odd + faults
    return letters, odd


def _plain(data: bytes) -> int:
    """How many bytes are ASCII."""
    return int((np.frombuffer(data, np.uint8) < 128).sum())


def _undecodable(data: bytes, name: str, at: int, encoding: str, mark: int = 0, breaks: int | None = None) -> CannotRun:
    line = _line(data, at) if breaks is None else breaks + 1
    return CannotRun(
        f"{name} is not {encoding}: byte {at + mark + 1:,} (0x{data[at]:02X}) on line {line:,} stands for no character. "
        "Ask the sender to save the file as UTF-8, or choose its encoding yourself."
    )


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + data.count(b"\r", 0, at) - data.count(b"\r\n", 0, at) + 1
