"""The styles of a workbook that somebody else made, with marked ones added: the same number format, font and borders, another tint.

`xl/styles.xml` is not written anew: what is added stands behind what is there, so that everything that names a style by its
number still finds it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from invoice_rules.errors import CannotRun
from invoice_rules.marks import Tint

MOST = 65_490
"""Cell styles that a workbook can have."""
TAG = re.compile(rb"""<(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
"""One tag; quoted values may hold >."""
_COLOR = re.compile(rb"<(?:[\w.-]+:)?color\b[^>]*?(?:/>|>\s*</(?:[\w.-]+:)?color>)")
_SIZE = re.compile(rb"<(?:[\w.-]+:)?sz\b[^>]*?(?:/>|>\s*</(?:[\w.-]+:)?sz>)")


@dataclass
class _List:
    """`fonts`, `fills` or `cellXfs`: where its tags stand, and its members as they stand there."""

    opens: int = -1
    closes: int = -1
    members: list[bytes] = field(default_factory=list)
    added: list[bytes] = field(default_factory=list)

    def add(self, member: bytes) -> int:
        self.added.append(member)
        return len(self.members) + len(self.added) - 1


class Styles:
    """The number of a style like another one, but tinted: `styles(7, BAD)`. Raises CannotRun where the styles cannot be added to."""

    def __init__(self, xml: bytes, name: str):
        self._xml, self._name = xml, name
        self._lists = {"fonts": _List(), "fills": _List(), "cellXfs": _List()}
        _Reader(xml, self._lists).run(name)
        if any(its.closes < 0 for its in self._lists.values()) or not self._lists["cellXfs"].members:
            raise _unusual(name)
        self._known: dict[tuple, int] = {}

    def __call__(self, base: int, tint: Tint) -> int:
        formats = self._lists["cellXfs"]
        base = base if 0 <= base < len(formats.members) else 0
        return self._once((base, tint), lambda: self._like(formats.members[base], tint))

    def _once(self, key: tuple, make: Callable[[], int]) -> int:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def _like(self, xf: bytes, tint: Tint) -> int:
        if len(self._lists["cellXfs"].members) + len(self._lists["cellXfs"].added) >= MOST:
            raise CannotRun(f"{self._name} has as many cell styles as a workbook can have, so none can be added to mark its cells.")
        tag = TAG.match(xf)
        old = _number(tag[0], "fontId") if tag else 0
        changed = {"fontId": self._once(("font", old, tint.color), lambda: self._font(old, tint.color)), "applyFont": 1}
        if tint.fill:
            changed |= {"fillId": self._once(("fill", tint.fill), lambda: self._fill(tint.fill)), "applyFill": 1}
        start = tag[0] if tag else xf
        return self._lists["cellXfs"].add(_with(start, changed) + xf[len(start) :])

    def _fill(self, color: str) -> int:
        p = self._prefix("fills")
        pattern = b'<%bpatternFill patternType="solid"><%bfgColor rgb="FF%b"/><%bbgColor indexed="64"/></%bpatternFill>' % (
            p,
            p,
            color.encode(),
            p,
            p,
        )
        return self._lists["fills"].add(b"<%bfill>%b</%bfill>" % (p, pattern, p))

    def _font(self, old: int, color: str) -> int:
        fonts, p = self._lists["fonts"], self._prefix("fonts")
        font = fonts.members[old] if old < len(fonts.members) else b"<%bfont/>" % p
        return fonts.add(_colored(font, b'<%bcolor rgb="FF%b"/>' % (p, color.encode()), p))

    def _prefix(self, of: str) -> bytes:
        """The prefix that this part's tags have, with its colon."""
        name = self._xml[self._lists[of].opens + 1 :][:80].split(of.encode())[0]
        return name if name.endswith(b":") else b""

    def xml(self) -> bytes:
        """The part with what was added."""
        out, done = [], 0
        for its in sorted(self._lists.values(), key=lambda one: one.opens):
            tag = TAG.match(self._xml, its.opens)
            end = tag.end() if tag else its.opens
            opened = (
                _with(self._xml[its.opens : end], {"count": len(its.members) + len(its.added)}) if its.added else self._xml[its.opens : end]
            )
            out += [self._xml[done : its.opens], opened, self._xml[end : its.closes], *its.added]
            done = its.closes
        return b"".join([*out, self._xml[done:]])


class _Reader:
    """Finds the lists and their members by the byte at which expat is."""

    def __init__(self, xml: bytes, lists: dict[str, _List]):
        self._xml, self._lists = xml, lists
        self._path: list[str] = []
        self._start = 0

    def run(self, name: str) -> None:
        if self._xml.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _unusual(name)
        parser = expat.ParserCreate()
        self._at = lambda: parser.CurrentByteIndex
        parser.StartElementHandler, parser.EndElementHandler = self._begins, self._ends
        try:
            parser.Parse(self._xml, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise _unusual(name) from error

    def _begins(self, tag: str, _attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self._path.append(tag)
        if len(self._path) == 2 and tag in self._lists:
            self._lists[tag].opens = self._at()
        elif len(self._path) == 3:
            self._start = self._at()

    def _ends(self, tag: str) -> None:
        self._path.pop()
        at = self._at()
        if len(self._path) == 2 and self._path[1] in self._lists:
            self._lists[self._path[1]].members.append(self._xml[self._start : self._end_of(self._start, at)])
        elif len(self._path) == 1 and (its := self._lists.get(tag.rpartition(":")[2])) and not self._closes_at_once(its.opens):
            its.closes = at

    def _closes_at_once(self, start: int) -> bool:
        tag = TAG.match(self._xml, start)
        return tag is None or tag[0].endswith(b"/>")

    def _end_of(self, start: int, last: int) -> int:
        """Where an element ends that begins at `start`; its end tag, if it has one, stands at `last`."""
        tag = TAG.match(self._xml, start if self._closes_at_once(start) else last)
        return tag.end() if tag else last


def _unusual(name: str) -> CannotRun:
    return CannotRun(
        f"The cells of {name} cannot be marked: its styles are written in a way that Excel does not use. Open it in Excel and save it, then try again."
    )


def _with(tag: bytes, attributes: dict[str, int]) -> bytes:
    """A tag with these attributes in the place of its own."""
    for key, value in attributes.items():
        tag = re.sub(rb"""\s%b\s*=\s*(?:"[^"]*"|'[^']*')""" % key.encode(), b"", tag)
        end = b"/>" if tag.endswith(b"/>") else b">"
        tag = tag.removesuffix(end).rstrip() + b' %b="%d"' % (key.encode(), value) + end
    return tag


def _number(tag: bytes, key: str) -> int:
    found = re.search(rb"""\s%b\s*=\s*["']([0-9]{1,5})["']""" % key.encode(), tag)
    return int(found[1]) if found else 0


def _colored(font: bytes, color: bytes, p: bytes) -> bytes:
    """A font in this colour."""
    if own := _COLOR.search(font):
        return font[: own.start()] + color + font[own.end() :]
    opened = TAG.match(font)
    if opened is None or opened[0].endswith(b"/>"):
        return b"<%bfont>%b</%bfont>" % (p, color, p)
    size = _SIZE.search(font)
    at = size.end() if size else opened.end()
    return font[:at] + color + font[at:]
