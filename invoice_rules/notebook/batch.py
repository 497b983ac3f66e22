"""A folder of files imported one after the other, by somebody who watches or by nobody (X-6, X-19).

    batch = Batch("inbox", "paystand.receivables", store="books.sqlite")
    batch.check()     # what would happen; nothing is written
    batch.run()       # asks where somebody can be asked, then imports
    batch.finish()    # the exit code for whoever started the notebook

Each file is judged on its own by the same steps as on the command line; one that cannot be read does not stop the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import invoice_rules
from invoice_rules import CannotRun, Outcome, Outrun, Severity, plural, trouble
from invoice_rules.notebook import books
from invoice_rules.notebook.finding import found_files
from invoice_rules.notebook.shown import Listing, Live, Shown, lead, note
from invoice_rules.wizard import Choices, Wizard

RETRIES = 5
IMPORTED, PARTLY, FAILED, NOTHING = "Imported", "Partly imported", "Not imported", "Nothing new"
CHECKED, WAITING, WORKING = "Checked", "Waiting", "Importing …"
_TINTS = {IMPORTED: "good", NOTHING: "good", PARTLY: "neutral", FAILED: "bad"}
_COUNTS = {"Created": Outcome.CREATED, "Updated": Outcome.UPDATED, "Unchanged": Outcome.UNCHANGED, "Skipped": Outcome.SKIPPED, "Stayed out": Outcome.REJECTED}


@dataclass(frozen=True)
class Result:
    """What became of one file: `state` in a word, its receipt, the workbook of what stayed out, and why it failed."""

    file: Path
    state: str = WAITING
    counts: Mapping[Outcome, int] | None = None
    totals: str = ""
    receipt: Any = None
    workbook: Path | None = None
    reasons: tuple[str, ...] = ()
    summary: str = ""

    @property
    def rejected(self) -> int:
        return (self.counts or {}).get(Outcome.REJECTED, 0)

    @property
    def code(self) -> int:
        """As the command line ends: 0 all went in, 1 some stayed out, 2 the file could not be imported at all."""
        return 2 if self.counts is None else 1 if self.rejected else 0


class Batch:
    """Files for one rule set. `files` is a folder, a pattern such as `inbox/*.xlsx`, a file, or several of these.

    `mapping` names a saved mapping, `settings` are values for the whole file and `columns` fields with their columns, as `--set` and `--map` on the command line.
    `accept` names the holds that are accepted, `sender` whose remembered corrections are applied. With `dry_run` nothing is written. Raises CannotRun where
    there is no file, or a name that nobody knows.
    """

    def __init__(
        self,
        files: str | Path | Iterable[str | Path],
        rules: str = "",
        *,
        store: books.Where = None,
        entity: str = "main",
        mapping: str = "",
        sender: str = "",
        accept: Iterable[str] = (),
        settings: Mapping[str, str] | None = None,
        columns: Mapping[str, str] | None = None,
        fix: bool = False,
        all_or_nothing: bool | None = None,
        dry_run: bool = False,
        strict: bool = True,
    ):
        self.files = found_files(files)
        self.store = books.opened(store, entity, make=True)
        saved = _saved(self.store, mapping, rules) if mapping else None
        rules = rules or (saved.rules if saved else "")
        if not rules:
            raise CannotRun(f"Which rules apply? Give rules one of these names: {', '.join(invoice_rules.rule_sets())}.")
        self.choices = Choices(
            rules=rules,
            saved=saved,
            given=dict(columns or {}),
            settings=dict(settings or {}),
            sender=sender,
            accept=(accept,) if isinstance(accept, str) else tuple(accept),
            apply_fixes=fix,
            all_or_nothing=all_or_nothing,
        )
        self.choices = replace(self.choices, rules=Wizard(self.choices).whole.name, corrections=self.store.corrections(self.choices.rules, sender) if sender else None)
        invoice_rules.planning.known_holds(self.choices.accept, Wizard(self.choices).whole)
        self.dry_run, self.strict = dry_run, strict
        self.results = [Result(file) for file in self.files]

    def check(self) -> Shown:
        """What an import of each file would do, as the books stand now. Nothing is written.

        Where nobody can be asked the files are not read twice: each is checked right before it is imported.
        """
        if not (books.attended() or self.dry_run):
            said = lead(f"{plural(len(self.files), 'file')} to import into {self.store.entity.name}.")
            return Shown(said, note("Nobody is asked here: each file is checked right before it is imported."))
        return _checked(self._looked())

    def _looked(self) -> list[Result]:
        """What would become of each file; in a dry run that is the result."""
        live = Live()
        made: list[Result] = []
        for file in self.files:
            live.show(Shown(note(f"Checking {file.name}, {len(made) + 1:,} of {plural(len(self.files), 'file')} …")), at_once=False)
            made.append(_judged(file, self._check))
        live.clear()
        if self.dry_run:
            self.results = made
        return made

    def run(self) -> Shown:
        """Import the files. Where somebody can be asked, that is done once, before anything is written."""
        if self.dry_run:
            if any(r.state == WAITING for r in self.results):
                self._looked()
            return Shown(lead("This is a dry run: nothing was written."), note("Set dry_run to False to import."))
        live = Live()
        answer = books.asked(f"Import {plural(len(self.files), 'file')} into {self.store.entity.name}? Type yes to import:")
        if answer is not None and not books.yes(answer):
            return Shown(lead("Nothing was imported."), note("Run this cell again and answer yes to import."))
        for place, file in enumerate(self.files):
            self.results[place] = replace(self.results[place], state=WORKING)
            live.show(self.receipts())
            self.results[place] = _judged(file, self._import)
        live.clear()
        return self.receipts()

    def receipts(self) -> Shown:
        """A line for every file: what became of it, and the total in each currency; then what stayed out."""
        rows = [[r.file.name, r.state, *_numbers(r), r.totals, r.receipt.number if r.receipt else ""] for r in self.results]
        headings = ["File", "Result", *_COUNTS, "Total of the file", "Batch"]
        listing = Listing("Receipts", headings, rows, right=[*_COUNTS, "Total of the file", "Batch"], tints=_TINTS)
        return Shown(lead(self.summary()), listing, *self._stayed_out())

    def summary(self) -> str:
        """The number that matters first."""
        done = [r for r in self.results if r.counts is not None and r.receipt is not None]
        created, updated = (sum(r.counts[o] for r in done if r.counts) for o in (Outcome.CREATED, Outcome.UPDATED))
        out = self._wrong()
        if any(r.state in (WAITING, WORKING) for r in self.results):
            return f"{len([r for r in self.results if r.state not in (WAITING, WORKING)])} of {plural(len(self.files), 'file')} done."
        opening = f"{created:,} created and {updated:,} updated from {plural(len(self.files), 'file')}."
        return opening + (_need_a_look(out) if out else " Everything went in.")

    def _wrong(self) -> list[Result]:
        """The files of which something stayed out, or would."""
        return [r for r in self.results if r.code and r.state not in (WAITING, WORKING)]

    @property
    def exit_code(self) -> int:
        """The worst of the files', as the command line ends: 0, 1 or 2."""
        return max((result.code for result in self.results if not (self.dry_run and result.state == WAITING)), default=0)

    def finish(self) -> Shown:
        """Say how it ended; where nobody watches and `strict` is set, end the notebook as failed if something did not go in."""
        said = self.summary() if not self.dry_run else f"This was a dry run: nothing was written.{_need_a_look(self._wrong())}"
        if self.exit_code and self.strict and not books.attended():
            raise SystemExit(said)
        return Shown(lead(said))

    def _stayed_out(self) -> Iterator[Listing]:
        if wrong := self._wrong():
            rows = [[r.file.name, "\n".join(r.reasons), "" if r.workbook is None else str(r.workbook)] for r in wrong]
            yield Listing("What stayed out, and where it can be corrected", ["File", "Why", "Workbook to correct and import"], rows)

    def _check(self, file: Path) -> Result:
        wizard = self._wizard(file)
        return _result(wizard, CHECKED)

    def _import(self, file: Path) -> Result:
        wizard = self._wizard(file)
        self.store.require(wizard.rules.needs or "importer", "Importing")
        if not wizard.report.invoices:
            return replace(_result(wizard, NOTHING), summary=wizard.report.summary())
        receipt = _committed(wizard)
        return _result(wizard, "", receipt, _workbook(wizard))

    def _wizard(self, file: Path) -> Wizard:
        return Wizard(replace(self.choices, source=file), store=self.store)


def _need_a_look(out: Sequence[Result]) -> str:
    return f" {plural(len(out), 'file')} need{'s' if len(out) == 1 else ''} a look." if out else ""


def _saved(store: Any, name: str, rules: str) -> Any:
    """The saved mapping of this name; raises CannotRun with the names that there are."""
    kept = store.mappings()
    found = [one for one in kept if (one.name or "default") == name and rules in ("", one.rules)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CannotRun(f'"{name}" is a mapping of {" and of ".join(one.rules for one in found)}. Say which with rules.')
    known = ", ".join(one.name or "default" for one in kept)
    raise CannotRun(f'There is no mapping named "{name}". ' + (f"There are: {known}." if known else "None is saved yet."))


def _judged(file: Path, judge: Any) -> Result:
    """What the judge says; a file that cannot be imported has its reason, whatever it is."""
    try:
        return judge(file)
    except CannotRun as stopped:
        reason = str(stopped)
    except Exception as error:  # noqa: BLE001 # whatever it is, the other files go on and the details are kept
        reason = trouble.unexpected(error, ["notebook", "batch", str(file)])
    return Result(file, FAILED, reasons=(reason,))


def _committed(wizard: Wizard) -> Any:
    """Commit; where somebody else changed the store meanwhile, the plan is made again, a few times (X-6)."""
    for attempt in range(RETRIES):
        try:
            return wizard.commit()
        except Outrun:
            if attempt == RETRIES - 1:
                raise
    raise CannotRun("Nothing was imported.")


def _workbook(wizard: Wizard) -> Path | None:
    """The rejected invoices with their reasons, beside the file; None where no cell is in the way (S0-25)."""
    if wizard.report.blocked and not (wizard.report.worst >= Severity.HOLD).any():
        return None
    return invoice_rules.workbooks.error_workbook(wizard.plan)


def _result(wizard: Wizard, state: str, receipt: Any = None, workbook: Path | None = None) -> Result:
    plan, report = wizard.plan, wizard.report
    counts = {outcome: plan.count(outcome) for outcome in Outcome}
    changed = counts[Outcome.CREATED] + counts[Outcome.UPDATED]
    reached = FAILED if counts[Outcome.REJECTED] == report.invoices else PARTLY if counts[Outcome.REJECTED] else IMPORTED if changed else NOTHING
    field = report.rules.role("amount")
    totals = [f"{code} {invoice_rules.values.show_money(sums[field], code)}" for code, sums in report.totals().items() if field in sums]
    reasons = _reasons(wizard) if counts[Outcome.REJECTED] else ()
    file = Path(report.table.origin.path or report.table.origin.name)
    return Result(file, state or reached, counts, "\n".join(totals), receipt, workbook, reasons, plan.summary())


def _reasons(wizard: Wizard, most: int = 3) -> tuple[str, ...]:
    """What keeps invoices out, the most frequent first: the first message of each kind, and how often."""
    report = wizard.report
    waiting = {hold.rule for hold in wizard.open_holds()}
    serious = report.problems.where(lambda found: found.weight == Severity.ERROR or found.rule.id in waiting)
    counts = serious.counts().sort_values("count", ascending=False, kind="stable")
    lines = []
    for one in counts.head(most).itertuples():
        first = serious.where(partial(_is, one.rule, one.field))[0]
        often = f" ({one.count:,} times)" if one.count > 1 else ""
        lines.append(f"{first.message}{often}" + (f' To accept it, add "{one.rule}" to accept.' if one.rule in waiting else ""))
    return (*lines, *([f"And {plural(len(counts) - most, 'other kind')} of problem."] if len(counts) > most else []))


def _is(rule: str, field: str, found: Any) -> bool:
    return bool(found.rule.id == rule and found.field == field)


def _numbers(result: Result) -> list[str]:
    if result.counts is None:
        return [""] * len(_COUNTS)
    return [f"{result.counts[outcome]:,}" if result.counts[outcome] else "" for outcome in _COUNTS.values()]


def _checked(results: Sequence[Result]) -> Shown:
    """What would happen, a line for every file."""
    rows = [[r.file.name, "Cannot be imported" if r.counts is None else r.summary, r.totals, "\n".join(r.reasons)] for r in results]
    ready = sum(r.counts is not None and (not r.rejected or r.rejected < sum(r.counts.values())) for r in results)
    said = lead(f"{plural(ready, 'file')} of {len(results):,} can be imported. Nothing is written yet.")
    headings = ["File", "Plan", "Total of the file", "What stays out"]
    return Shown(said, Listing("What an import would do", headings, rows, right=["Total of the file"], tints={"Cannot be imported": "bad"}))
