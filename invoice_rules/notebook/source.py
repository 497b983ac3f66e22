"""Step 1: the rules, the file, and how it is read."""

import os
from pathlib import Path
from typing import Any

import ipywidgets as widgets

import invoice_rules
from invoice_rules import CannotRun, RuleSet, Table, column_letter, plural
from invoice_rules.notebook import controls, html, pages
from invoice_rules.notebook.fetching import FetchBox
from invoice_rules.notebook.upload import MEGABYTE, Upload
from invoice_rules.notebook.worker import Progress
from invoice_rules.wizard import read_again, told_changed

FILES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".json")
MEGABYTES = 512
_PREVIEW = 10
_MOST_FILES = 500
_MOST_COLUMNS = 60
_HEADINGS = (("found by itself", "auto"), ("there are none: row 1 is data", "none"), *((f"row {row}", row) for row in range(1, 21)))
_ENCODINGS = (("found by itself", None), *((name, name) for name in ("utf-8", "cp1252", "utf-16", "iso-8859-15", "cp850", "mac-roman")))
_ROWS = {"single": "a row is a whole {document}", "multi": "several rows may be one {document}, a row a line"}


class SourcePage(pages.Page):
    """Rules or a saved mapping, the file, the heading row, the sheet and the encoding."""

    def __init__(self, around: pages.Around):
        super().__init__(around)
        guard = around.guard
        self.rules = controls.dropdown("What is in the file?", guard, self._rules_chosen)
        self.mode = controls.dropdown("Rows", guard, self._mode_chosen)
        self.upload = Upload(guard, around.keeper.uploads, self.take)
        self.file = controls.dropdown("A file that is on the server already", guard, lambda _: None)
        self.use = controls.button("Use this file", guard, self._use)
        self.look = controls.button("Look again", guard, self._list_files)
        self.service = FetchBox(around, self)
        self.info, self.preview = pages.html(), pages.html("ir-preview")
        self.header = controls.dropdown("Headings stand in", guard, lambda value: self._choose(header=value), _HEADINGS)
        self.sheet = controls.dropdown("Sheet", guard, lambda value: self._choose(sheet=value))
        self.encoding = controls.dropdown("Encoding", guard, lambda value: self._choose(encoding=value), _ENCODINGS)
        self.details = widgets.VBox([self.sheet, self.header, self.encoding])
        file = [self.upload, controls.row(self.file, self.use, self.look)]
        self.box.children = [self.rules, self.mode, *file, self.service.box, self.info, self.details, self.preview]
        self._list_files()

    def take(self, path: Path) -> None:
        """Read this file."""
        before = self.state.choices.source

        def chosen() -> None:
            self.state.choose(source=path, sheet=None, header="auto", encoding=None, given={})
            if read_again(self.state):
                self.around.frame.note(told_changed(path.name))
            if before != path:
                self.around.keeper.discard(before)

        self.change("file chosen", chosen)

    def receive(self, fetched: Any, progress: Progress) -> None:
        """Read what was fetched from a service, by the rules for it; on the worker's thread."""
        before = self.state.choices.source
        try:
            reading = {"sheet": None, "header": "auto", "encoding": None}
            self.state.choose(rules=fetched.rules, source=fetched.path, saved=None, given={}, settings=dict(fetched.settings), **reading)
            self.around.keeper.discard(before)
        finally:
            self.show(progress)

    def show(self, progress: Progress) -> None:
        state = self.state
        self.service.list_ways()
        ways = self._ways()
        controls.fill(self.rules, [("Choose …", ""), *((words, key) for words, key in ways)], self._way())
        self._show_mode()
        rules = state.whole if state.choices.rules else None
        self.upload.allow(*limits(rules, state.choices.limit_mb))
        source = state.choices.source
        controls.show(self.details, False)
        self.preview.value = ""
        if source is None:
            self.info.value = ""
            return
        name = Path(source).name if isinstance(source, str | os.PathLike) else "the rows that were handed over"
        self.info.value = html.paragraph(f"{name} is chosen. Choose what is in it.") if rules is None else html.paragraph(f"{name} could not be read.", "note")
        if rules is not None:
            progress.say(f"Reading {name}")
            self._show_table(state.table, rules)

    def _show_table(self, table: Table, rules: RuleSet) -> None:
        origin = table.origin
        self.info.value = html.paragraph(reading(table, rules), "lead")
        controls.fill(self.header, _headings(table), self.state.choices.header)
        controls.fill(self.sheet, [(name, name) for name in origin.sheets], self.state.choices.sheet or origin.sheet)
        controls.fill(self.encoding, _encodings(table), self.state.choices.encoding)
        controls.show(self.sheet, len(origin.sheets) > 1)
        controls.show(self.encoding, bool(origin.encoding) and not origin.sheet and origin.pointers is None)
        controls.show(self.header, origin.pointers is None)
        controls.show(self.details, True)
        self.preview.value = preview(table)

    def _show_mode(self) -> None:
        asked = self.state.row_mode if self.state.choices.rules else None
        controls.show(self.mode, asked is not None)
        if asked is not None:
            noun = self.state.whole.document
            options = [(_ROWS.get(choice, choice).replace("{document}", noun), choice) for choice in asked.choices]
            controls.fill(self.mode, options, asked.value or asked.default)

    def _ways(self) -> list[tuple[str, str]]:
        """(words, key): each rule set, and each saved mapping, which brings its rules along (S0-2, S0-3)."""
        sets = [(f"{rules.title} ({name})", name) for name, rules in invoice_rules.rule_sets().items()]
        kept = [its for its in self.state.store.mappings() if its.name] if self.state.store is not None else []
        return sets + [(f'as saved in "{its.name}", for {invoice_rules.rule_set(its.rules).title}', f"{its.rules}|{its.name}") for its in kept]

    def _way(self) -> str:
        choices = self.state.choices
        return f"{choices.rules}|{choices.saved.name}" if choices.saved is not None and choices.saved.name else choices.rules

    def _rules_chosen(self, key: str) -> None:
        rules, bar, name = key.partition("|")

        def chosen() -> None:
            saved = self.state.store.mapping(rules, name) if bar else None
            other = rules != self.state.choices.rules
            self.state.choose(rules=rules, saved=saved, **({"given": {}, "settings": {}} if other else {}))

        self.change("rules chosen", chosen)

    def _mode_chosen(self, value: str) -> None:
        asked = self.state.row_mode
        if asked is not None:
            self.change("rows chosen", lambda: self.state.answer(asked.name, value))

    def _choose(self, **choice: Any) -> None:
        self.change("how it is read", lambda: self.state.choose(**choice))

    def _list_files(self) -> None:
        """The files in the folder, the newest first; links and folders are left out."""
        found = server_files(self.around.folder)
        none = f"(no files in {self.around.folder.name or self.around.folder})"
        controls.fill(self.file, [(f"{path.name} ({_size(path)})", path) for path in found] or [(none, None)], self.file.value)
        self.use.disabled = not found

    def _use(self) -> None:
        if self.file.value is None:
            raise CannotRun("There is no file in the folder. Upload one.")
        self.take(self.file.value)


def server_files(folder: Path) -> list[Path]:
    """The files in a folder that may be imported, the newest first."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if _may_be_imported(entry)]
    except OSError:
        return []
    return [folder / entry.name for entry in sorted(found, key=lambda its: -its.stat().st_mtime)[:_MOST_FILES]]


def _may_be_imported(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) and Path(entry.name).suffix.lower() in FILES and entry.name[0] not in ".~"


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / MEGABYTE:,.1f} MB" if size >= MEGABYTE / 10 else f"{size / 1024:,.1f} KB"


def limits(rules: RuleSet | None, limit_mb: float | None) -> tuple[dict[str, int], str]:
    """Bytes by ending of the name ("" for all others), and the sentence that says so (S3-1)."""
    usual = int((limit_mb or MEGABYTES) * MEGABYTE)
    kinds = "CSV, text, Excel and JSON files"
    if rules is None or not rules.megabytes or limit_mb is not None:
        return {"": usual}, f"{kinds} up to {usual / MEGABYTE:g} MB"
    own = dict.fromkeys(rules.files, rules.megabytes * MEGABYTE)
    return {**own, "": usual}, f"{', '.join(own)} up to {rules.megabytes} MB; other {kinds} up to {usual / MEGABYTE:g} MB"


def reading(table: Table, rules: RuleSet) -> str:
    """How the file was read, with what was found by itself (S3-2)."""
    origin = table.origin
    marks = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    parts = [origin.name, rules.title, plural(len(table), "row"), f'sheet "{origin.sheet}"' if origin.sheet else "", origin.encoding]
    parts += [marks.get(origin.delimiter, origin.delimiter), f"headings in row {origin.header_row}" if origin.header_row else ""]
    return " · ".join(filter(None, parts))


def preview(table: Table) -> str:
    """The first rows, with the letters and headings of their columns."""
    columns = range(min(len(table.headings), _MOST_COLUMNS))
    heads = [f"{column_letter(table.origin.first_column + at)} {table.headings[at]}" for at in columns]
    numbers = table.frame.index[:_PREVIEW].tolist()
    rows = [[number, *(table.shown(at, column) for column in columns)] for at, number in enumerate(numbers)]
    more = len(table) - len(rows)
    wide = len(table.headings) - len(columns)
    told = f"The first {plural(len(rows), 'row')}" + (f" of {len(table):,}" if more > 0 else "") + (f", without {plural(wide, 'column')} further right" if wide > 0 else "")
    return html.paragraph(told, "note") + html.table(["Row", *heads], rows, "The first rows of the file", right=["Row"])


def _headings(table: Table) -> list[tuple[str, Any]]:
    found = table.origin.header_row
    by_itself = ("found by itself" + (f": row {found}" if found else ": there are none"), "auto")
    return [by_itself, *_HEADINGS[1:]]


def _encodings(table: Table) -> list[tuple[str, Any]]:
    return [(f"found by itself: {table.origin.encoding}", None), *_ENCODINGS[1:]]
