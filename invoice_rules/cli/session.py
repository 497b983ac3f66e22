"""What the global options say, and how the command line speaks: results on stdout, everything else on stderr."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from threading import Timer
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

import invoice_rules
from invoice_rules import folders

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status

WIDTH = 100
"""The widest that anything is printed; a narrower terminal counts."""

DEFAULT = "default"
"""What users call the mapping without a name, which is used where no other is asked for."""


@dataclass
class Session:
    """One call of the command. `store_url` is None where neither an option nor the environment names a store."""

    store_option: str | None = None
    entity: str = "main"
    json: bool = False
    argv: tuple[str, ...] = ()

    @cached_property
    def store_url(self) -> str | None:
        return self.store_option or os.environ.get(folders.STORE_VARIABLE) or None

    @property
    def store_from(self) -> str:
        """Where the choice of the store comes from, in words."""
        if self.store_option:
            return "option --store"
        return f"environment variable {folders.STORE_VARIABLE}" if self.store_url else "default for this user"

    @cached_property
    def store(self) -> Any:
        """The store, made on first use."""
        self._refuse_folder()
        return invoice_rules.open_store(self.store_url, self.entity)

    @cached_property
    def store_if_any(self) -> Any | None:
        """The store, or None where there is none yet: looking must not make one."""
        self._refuse_folder()
        return None if folders.missing_store(self.store_url) else self.store

    @property
    def store_label(self) -> str | None:
        """How the store is named to people; None where there is none yet."""
        return None if folders.missing_store(self.store_url) else self.store.label

    @contextmanager
    def rehearsal(self, wanted: bool = True) -> Iterator[None]:
        """While this runs an empty store stands in for one that is not there yet, so that a dry run leaves none behind (X-6)."""
        if not wanted or not folders.missing_store(self.store_url):
            yield
            return
        self._refuse_folder()
        with TemporaryDirectory(prefix="invoice-rules-", ignore_cleanup_errors=True) as folder:
            self.store = invoice_rules.open_store(Path(folder) / "store.sqlite", self.entity)
            try:
                yield
            finally:
                del self.store

    def _refuse_folder(self) -> None:
        """Raise CannotRun where a folder is named in place of the store's file."""
        path = folders.store_file(self.store_url)
        if path is not None and path.is_dir():
            there = sorted(path.glob("*.sqlite")) or [path / "store.sqlite"]
            raise invoice_rules.CannotRun(f"{path} is a folder, and a store is a file. Name the file too, such as {there[0]}.")

    def existing_store(self) -> Any:
        """The store; raises CannotRun where there is none yet."""
        if self.store_if_any is None:
            raise invoice_rules.CannotRun("There is no store yet. The first import makes it; `config` says where.")
        return self.store

    def keep_mapping(self, wizard: Any, name: str) -> Any:
        """Save a mapping with the values given for the whole file; `default` has no name in the store (S3-16)."""
        return self.store.save_mapping(invoice_rules.wizard.template(wizard), "" if name == DEFAULT else name)

    def replaced_mapping(self, wizard: Any, name: str) -> Any | None:
        """The mapping of this name that saving would change (S0-23)."""
        return invoice_rules.wizard.replaced(wizard, "" if name == DEFAULT else name)

    @property
    def interactive(self) -> bool:
        """Whether somebody can answer a question."""
        return not self.json and sys.stdin.isatty() and sys.stderr.isatty()


def out() -> Console:
    """Results: stdout, at most 100 columns, colour only on a terminal."""
    return _console(stderr=False)


def err() -> Console:
    """Messages, questions and progress: stderr."""
    return _console(stderr=True)


def _console(stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def printable(text: str) -> str:
    """Text that says nothing to the terminal itself, whatever file it came from.

    >>> printable("a\x1b[31mb\\n")
    'a·[31mb\\n'
    """
    return "".join(c if c.isprintable() or c == "\n" else "·" for c in text)


def say(text: str, style: str = "") -> None:
    """A sentence of the result, wrapped."""
    _wrapped(out(), text, style)


def line(text: str, style: str = "") -> None:
    """A line of the result that must stay whole, such as a path or a command."""
    out().print(Text(printable(text), style=style), soft_wrap=True)


def tell(text: str, style: str = "") -> None:
    """A message beside the result."""
    _wrapped(err(), text, style)


def _wrapped(console: Console, text: str, style: str) -> None:
    """Sentences broken between words; a word that is longer than the line, such as a path, stays whole."""
    lines = [part for whole in printable(text).split("\n") for part in wrap(whole, console.width, break_long_words=False, break_on_hyphens=False) or [""]]
    console.print(Text("\n".join(lines), style=style), soft_wrap=True)


@contextmanager
def working(what: str, after: float = 1.0) -> Iterator[None]:
    """While this runs longer than a second, a line on stderr says what is being done; only on a terminal."""
    console = err()
    if not console.is_terminal:
        yield
        return
    with shown_after(after, console.status(Text(what + " …"))):
        yield


@contextmanager
def shown_after(seconds: float, shown: "Status | Progress") -> Iterator[None]:
    """While this runs for longer than so many seconds, something is shown."""
    timer = Timer(seconds, shown.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        shown.stop()


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar for `commit`: gives a function to be called with what is done and what there is to do."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = err()
    if not console.is_terminal:
        yield None
        return
    bar = Progress(TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
    task = bar.add_task(what, total=None)
    with shown_after(1.0, bar):
        yield lambda done, total, _: bar.update(task, completed=done, total=total)


def own_command(words: Sequence[str]) -> str:
    """A command of ours as the user can paste it: by its name, or by the path it was started with where the name is not found, or is another's."""
    import shutil

    started, known = Path(sys.argv[0]), shutil.which("invoice-rules")
    elsewhere = started.stem == "invoice-rules" and started.is_file() and not (known and started.samefile(known))
    return command_line([str(started) if elsewhere else "invoice-rules", *words])


def command_line(argv: Sequence[str]) -> str:
    """A command as the user can paste it into this system's shell."""
    import shlex
    import subprocess

    return subprocess.list2cmdline(argv) if os.name == "nt" else shlex.join(argv)
