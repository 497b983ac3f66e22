"""`Wizard`: one import, from the file to its receipt."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from invoice_rules.errors import CannotRun, Outrun
from invoice_rules.wizard.choices import STEP_OF, Choices, Step, currency_of, declared, known, made_with, outdated, same
from invoice_rules.wizard.questions import Hold, Question, holds, last_question, nothing_chosen, possible, questions, row_mode

if TYPE_CHECKING:
    from invoice_rules.fields import RuleSet
    from invoice_rules.results import Context, Corrections, Plan, Receipt, Report
    from invoice_rules.results import Mapping as Columns
    from invoice_rules.table import Table


_PATIENCE = 3
"""How often a file is examined again because the books changed meanwhile, before the user is told."""


class Wizard:
    """One import, from the file to its receipt.

    `store` is where the import goes to; `context` is a read-only view for checking without one. `rules` of the choices may be a
    name. Raises CannotRun where a step cannot work: the file cannot be read, a column does not exist, the store is locked.
    """

    def __init__(self, choices: Choices | None = None, *, store: Any = None, context: "Context | None" = None):
        self.choices = choices or Choices()
        self.store = store
        self.step = Step.SOURCE
        self.receipt: Receipt | None = None
        self._context = context
        self._made: dict[Step, Any] = {}
        self._own: dict[str, Columns | None] = {}

    def choose(self, **changes: Any) -> None:
        """Take these choices. Results of the step where one was changed, and of the steps after it, are made anew."""
        changed = [name for name, value in changes.items() if not same(getattr(self.choices, name), value)]
        changes = {**outdated(self.choices, changed, changes), **changes}
        if "rules" in changed and self.choices.sender and self.store is not None:
            changes.setdefault("corrections", self._remembered(known(changes["rules"]), self.choices.sender))
        before = self._fields(changed)
        self.choices = replace(self.choices, **changes)
        if changed:
            self._forget(min(STEP_OF[name] for name in changed))
        if before is not self._fields(changed):
            self._forget(Step.MAPPING)

    def give(self, field: str, heading: str | int | None) -> None:
        """Let this column, by heading, letter or 0-based place, feed the field; "" leaves it without one, None takes the user's choice back."""
        others = {name: column for name, column in self.choices.given.items() if name != field}
        self.choose(given=others if heading is None else {**others, field: heading})

    def setting(self, name: str, value: str | None) -> None:
        """A setting: a constant or `{otherField}` for a field, `field.order`, `field.decimal`, an option; None takes it back.

        Raises CannotRun for a setting that means nothing.
        """
        if value is not None:
            self._settings_of({name: value})
        others = {known: old for known, old in self.choices.settings.items() if known != name}
        self.choose(settings=others if value is None else {**others, name: value})

    @property
    def rules(self) -> "RuleSet":
        """The chosen rule set, with the fields and titles that it has under the chosen settings (S0-4, S0-21)."""
        saved, corrections = self.saved, self.choices.corrections
        kept = {**(saved.settings if saved else {}), **made_with(self._made.get(Step.SOURCE), self.whole), **(corrections.settings if corrections else {})}
        return self.whole.under({**kept, **self.choices.settings})

    @property
    def saved(self) -> "Columns | None":
        """The saved mapping in use: the chosen one, else the entity's own (S3-16)."""
        if self.choices.saved is not None or self.store is None:
            return self.choices.saved
        name = self.whole.name
        if name not in self._own:
            self._own[name] = self.store.mapping(name)
        return self._own[name]

    @property
    def whole(self) -> "RuleSet":
        """The chosen rule set with all its fields."""
        from invoice_rules.rulesets import rule_set

        if not self.choices.rules:
            raise CannotRun("No rule set is chosen. Choose which system the file is for.")
        try:
            return rule_set(self.choices.rules)
        except LookupError as unknown:
            raise CannotRun(str(unknown.args[0])) from None

    @property
    def table(self) -> "Table":
        """The file as it was read."""
        return self._make(Step.SOURCE, self._read)

    @property
    def mapping(self) -> "Columns":
        """Which column feeds which field: the user's choices, else the saved or the entity's own mapping's, else guesses (X-13, S3-16)."""
        return self._make(Step.MAPPING, self._match)

    @property
    def row_mode(self) -> Question | None:
        """What a row of the file is, where the rule set asks; the answer is a setting (S0-4)."""
        said = {**(self.saved.settings if self.saved else {}), **self.choices.settings}
        return row_mode(self.whole, said)

    @property
    def report(self) -> "Report":
        """The examined file."""
        return self._make(Step.CHECK, self._examine)

    @property
    def plan(self) -> "Plan":
        """What the import would do. Needs a store."""
        return self._make(Step.CONFIRM, self._plan)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields that have neither a column nor a value."""
        return tuple(name for name in self.mapping.missing if name not in self.choices.settings)

    def obstacles(self, step: Step | None = None) -> list[str]:
        """What keeps the user at this step (the current one by default), as sentences; empty: go on."""
        at = self.step if step is None else step
        if at == Step.SOURCE and self.choices.source is None:
            return ["No file is chosen yet."]
        if at == Step.SETTINGS and self.missing:
            return [f"{self.rules.fields[name].title} has neither a column nor a value for the whole file." for name in self.missing]
        if at == Step.CHECK and not possible(self.report):
            return [nothing_chosen(self.report) or "No invoice can go in as the file stands. Correct the file, its columns or the settings."]
        return []

    def next(self) -> Step:
        """Go to the next step; raises CannotRun with the first obstacle."""
        for says in self.obstacles():
            raise CannotRun(says)
        _ = getattr(self, {Step.SOURCE: "table", Step.CHECK: "report"}.get(self.step, "mapping"))
        self.step = Step(min(self.step + 1, Step.CONFIRM))
        return self.step

    def back(self) -> Step:
        """Go to the step before; every choice is kept (S0-24)."""
        self.step = Step(max(self.step - 1, Step.SOURCE))
        return self.step

    def holds(self) -> list[Hold]:
        """The kinds of hold that the report has, accepted ones too."""
        return holds(self.report)

    def questions(self) -> list[Question]:
        """What can be settled at the settings step, required fields first."""
        return questions(self.rules, self.table, self.mapping, self.choices, currency_of({}, None, self.store or self._context, self.rules))

    def answer(self, name: str, value: str | None) -> None:
        """Answer one of the questions; None or "" takes the answer back. A sender brings the corrections remembered for it."""
        if name == "sender":
            self.choose(sender=value or "", corrections=self._remembered(self.rules, value))
        elif name == "open-items-complete":
            self.choose(open_items_complete=value == "yes", close_absent=False)
        elif name in ("expect-count", "expect-total"):
            currency = currency_of(self.choices.settings, self.saved, self.store or self._context, self.rules)
            self.choose(expected=declared(self.choices.expected, name, value or "", currency))
        else:
            self.setting(name, value or None)

    def open_holds(self) -> list[Hold]:
        """Kinds of hold that nobody has accepted yet."""
        return [hold for hold in self.holds() if hold.rule not in self.choices.accept]

    def accept(self, rules: Iterable[str]) -> None:
        """Say yes to these kinds of hold for this import."""
        self.choose(accept=tuple(dict.fromkeys((*self.choices.accept, *rules))))

    def question(self) -> str:
        """What the user says yes to: `Import 1,887 invoices (USD 1,204,377.10) into main?`"""
        return last_question(self.plan)

    def commit(self, progress: Callable[..., None] | None = None) -> "Receipt":
        """Write what the plan says, once; raises Outrun when the store changed meanwhile, after which the plan is made anew (X-6)."""
        from invoice_rules.store import commit

        if self.receipt is None:
            try:
                self.receipt = commit(self.plan, progress)
            except Outrun:
                self.refresh()
                raise
        return self.receipt

    def edit(self, row: int, column: int, text: str | None) -> None:
        """Put other text into a cell, by the user's row number and the 0-based column; None, or what the file says, takes the edit back.

        Edits are lost with another file, sheet or heading row. Raises CannotRun for a cell that is not there.
        """
        others = {cell: its for cell, its in self.choices.edits.items() if cell != (row, column)}
        was = self.table.with_cells({(row, column): text or ""}).edited[row, column]
        self.choose(edits=others if text in (None, was) else {**others, (row, column): text})

    def enter(self, store: Any) -> None:
        """Go to another entity's books, or another store; what their saved mapping and records decide is made anew, and asked anew (X-19, X-20)."""
        before = self.header if self.choices.rules else self.choices.header
        self.choices, self.store = replace(self.choices, accept=(), close_absent=False), store
        self._own = {}
        self._forget(Step.MAPPING if not self.choices.rules or self.header == before else Step.SOURCE)

    def refresh(self, since: Step = Step.CHECK) -> None:
        """Look at the store again, or at the file: what is made at this step and after it is made anew."""
        self._forget(since)

    def corrections_to_remember(self) -> "Corrections":
        """The sender's corrections with the safe fixes and column settings of this import: the next version (X-14)."""
        from invoice_rules.corrections import merged
        from invoice_rules.results import Corrections

        saved = self.choices.corrections or Corrections(sender=self.choices.sender)
        return merged(saved, self.report.corrections.values, self.choices.settings, self.rules)

    def made(self, step: Step) -> bool:
        """Whether what this step makes is there, so that looking at it costs nothing."""
        return step in self._made

    def _make(self, step: Step, make: Callable[[], Any]) -> Any:
        if step not in self._made:
            self._made[step] = make()
        return self._made[step]

    def _forget(self, since: Step) -> None:
        self._made = {step: made for step, made in self._made.items() if step < since}
        if since <= Step.MAPPING:
            self._own = {}
        self.receipt = None

    def _read(self) -> "Table":
        from invoice_rules.reading import read

        if self.choices.source is None:
            raise CannotRun("No file is chosen yet.")
        return read(self.choices.source, rules=self.whole, header=self.header, **self._chosen("sheet", "encoding", "limit_mb"))

    @property
    def header(self) -> str | int:
        """Where the headings stand: as chosen, else as the saved mapping has it (S0-22)."""
        return self.choices.header if self.choices.header != "auto" or self.saved is None else self.saved.header

    def _match(self) -> "Columns":
        from invoice_rules.mapping import match

        offered = {name.casefold() for name in self.rules.offered}
        elsewhere = {name.casefold() for name in self.whole.offered} - offered
        given = {name: column for name, column in self.choices.given.items() if name.strip().casefold() not in elsewhere}
        self._settings_of(self.fitting(self.choices.settings))
        made = match(self.table.headings, self.rules, self.table, self.saved, given)
        return replace(made, settings=self.fitting(made.settings))

    def _fields(self, changed: Iterable[str]) -> "RuleSet | None":
        """The rule set under the settings, where one of these choices may have changed which fields it has."""
        return self.rules if self.choices.rules and not {"settings", "corrections"}.isdisjoint(changed) else None

    def fitting(self, settings: Mapping[str, str]) -> dict[str, str]:
        """These settings without those of fields that the row mode does not offer; they count again in the mode that does (S0-24)."""
        from invoice_rules.settings import fitting

        return fitting(settings, self.whole, self.rules)

    def _remembered(self, rules: "RuleSet | None", sender: str | None) -> "Corrections | None":
        return self.store.corrections(rules.name, sender) if rules is not None and sender and self.store is not None else None

    def _settings_of(self, settings: Mapping[str, str]) -> None:
        from invoice_rules.settings import known_settings

        known_settings(settings, self.rules)

    def _examine(self) -> "Report":
        from invoice_rules.examining import examine

        context = self._context if self.store is None else self.store.context()
        options = self._chosen("corrections", "expected", "sender", "apply_fixes")
        return examine(self.table.with_cells(self.choices.edits), self.whole, self.mapping, self.fitting(self.choices.settings), context, **options)

    def _plan(self) -> "Plan":
        from invoice_rules.planning import plan

        if self.store is None:
            raise CannotRun("There is no store to import into.")
        options = self._chosen("accept", "all_or_nothing", "open_items_complete", "close_absent", "user")
        for _ in range(_PATIENCE):
            try:
                return plan(self.report, self.store, **options)
            except Outrun:
                self.refresh()
        return plan(self.report, self.store, **options)

    def _chosen(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self.choices, name) for name in names}
