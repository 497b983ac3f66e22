"""The picture in the README: what the demonstration really prints on a terminal. `python -m tests.picture` draws it anew."""

import html
import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.modules import ROOT

PICTURE = ROOT / "docs" / "picture.svg"
WIDTH = 100
_LETTER = 12.2
COMMAND = "$ make demo"
PARTS = (
    (r"^── Receivables October", r"^ 19 "),
    (r"^12 of 41 invoices", r"^Batch 1"),
    (r"^── Receivables November", r"^Row "),
    (r"^1 of 45 invoices", r"^ 2\d "),
    (r"^Batch 2", r"^File "),
)
"""What is shown of it: from a line that matches the first up to the one that matches the second."""

_THEME = TerminalTheme(
    (255, 255, 255),
    (31, 35, 40),
    [(31, 35, 40), (180, 35, 24), (0, 97, 0), (140, 87, 0), (31, 56, 100), (130, 50, 130), (20, 110, 120), (110, 118, 129)],
    [(110, 118, 129), (180, 35, 24), (0, 97, 0), (140, 87, 0), (31, 56, 100), (130, 50, 130), (20, 110, 120), (31, 35, 40)],
)


def on_a_terminal(*command: str) -> str:
    """What a program prints on a terminal of our width, colours included."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    text = b"".join(_blocks(ours)).decode()
    os.close(ours)
    if running.wait():
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    return text.replace("\r\n", "\n")


def _blocks(handle: int) -> Iterator[bytes]:
    while True:
        try:
            block = os.read(handle, 65_536)
        except OSError:  # the other end of a terminal that was closed
            return
        if not block:
            return
        yield block


def excerpt(lines: list[Text]) -> Iterator[Text]:
    """The command, then the parts to show, with a mark where something is left out."""
    yield Text(COMMAND, style="bold")
    for first, last in PARTS:
        start = next(at for at, shown in enumerate(lines) if re.search(first, shown.plain))
        end = next(at for at, shown in enumerate(lines) if at > start and re.search(last, shown.plain))
        shown = lines[start:end]
        while not shown[-1].plain.strip():
            shown.pop()
        yield from (*shown, Text("…", style="dim"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        printed = on_a_terminal(sys.executable, "-m", "invoice_rules.cli", "demo", str(Path(folder) / "demo"))
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    for shown in excerpt([Text.from_ansi(text) for text in printed.split("\n")]):
        console.print(shown, soft_wrap=True)
    PICTURE.write_text(_plain(console.export_svg(title="invoice-rules", theme=_THEME)), encoding="utf-8")


def _plain(drawn: str) -> str:
    """The drawing without fonts from elsewhere, without names that change, and without blanks that some viewers drop."""
    drawn = re.sub(r"@font-face \{.*?\}\n", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"terminal-\d+", "picture", drawn)
    return re.sub(r'x="([\d.]+)"( y="[\d.]+") textLength="[\d.]+"([^>]*)>((?:&#160;)+)([^<]*)<', _moved, drawn)


def _moved(found: re.Match[str]) -> str:
    x, y, others, blanks, text = found.groups()
    text = re.sub(r"(?:&#160;)+$", "", text)
    left = float(x) + _LETTER * blanks.count(";")
    return f'x="{left:.1f}"{y} textLength="{_LETTER * len(html.unescape(text)):.1f}"{others}>{text}<'


if __name__ == "__main__":
    main()
