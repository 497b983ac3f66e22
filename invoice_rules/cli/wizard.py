"""`wizard`: the steps of an import asked one by one on the terminal; "b" goes back and keeps every choice (S0-1, S0-24)."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules.cli import asking, importing, options, showing
from invoice_rules.cli.app import app
from invoice_rules.cli.checking import examine, show
from invoice_rules.cli.session import Session, say, tell

BACK, QUIT = "b", "q"
Move = str
"""What a step ends with: "" to go on, BACK or QUIT."""


@app.command()
def wizard(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", readable=False, help="The file; asked for where it is not given.")] = None,
) -> None:
    """Import a file step by step.

    Choose it, match its columns, settle what is missing, look at the problems, confirm.

    At every question b goes back one step and q stops. Nothing is written before the last question is answered with yes.
    """
    session: Session = ctx.obj
    if session.json:
        raise invoice_rules.CannotRun("The wizard asks its questions on the terminal and prints no JSON. Use import with --json.")
    if not session.interactive:
        raise invoice_rules.CannotRun("The wizard asks questions, and nobody is at a terminal here. Use import, with what you would answer as options.")
    state = invoice_rules.wizard.Wizard(invoice_rules.wizard.Choices(source=file), store=session.store)
    try:
        code = Steps(state, session).run()
    except (EOFError, typer.Abort):
        raise invoice_rules.CannotRun("Nobody answered. Nothing was imported.") from None
    raise typer.Exit(code)


class Steps:
    """The questions of each step, around one `Wizard`."""

    def __init__(self, state: Any, session: Session):
        self.state, self.session = state, session
        self._ask: dict[int, Callable[[], Move]] = {1: self._source, 2: self._mapping, 3: self._settings, 4: self._check, 5: self._confirm}

    def run(self) -> int:
        """Ask until the import is done or the user stops; gives the exit code."""
        while True:
            tell(f"\n{self.state.step.heading}", style="bold")
            try:
                move = self._ask[self.state.step]()
                if move == QUIT:
                    tell("Nothing was imported.")
                    return 1
                if move == BACK:
                    self.state.back()
                elif self.state.step == invoice_rules.wizard.Step.CONFIRM:
                    return self._finish()
                else:
                    self.state.next()
            except invoice_rules.CannotRun as stop:
                tell(str(stop), style="red")
                self._recover()

    def _recover(self) -> None:
        """After something that cannot work, go where it can be chosen otherwise."""
        at = self.state.step
        if at == invoice_rules.wizard.Step.SOURCE:
            self.state.choose(source=None, sheet=None, header="auto", encoding=None)
        elif at == invoice_rules.wizard.Step.MAPPING:
            self.state.choose(given={})
        elif at > invoice_rules.wizard.Step.SETTINGS:
            self.state.back()

    def _source(self) -> Move:
        for unsettled in (self._rules, self._file, self._row_mode):
            if (move := unsettled()) is not None:
                return move
        say(showing.reading(self.state.table, self.state.rules))
        return self._source_details()

    def _rules(self) -> Move | None:
        """The rule set, or a saved mapping, which brings its rules, columns and values along (S0-2, S0-3)."""
        if self.state.choices.rules:
            return None
        ways = {f"{invoice_rules.rule_set(name).title} ({name})": (name, None) for name in invoice_rules.rule_sets()}
        ways |= {f'as saved in "{kept.name}", for {invoice_rules.rule_set(kept.rules).title}': (kept.rules, kept) for kept in self.session.store.mappings() if kept.name}
        chosen = pick("Which rules? Number", list(ways))
        if chosen in (BACK, QUIT):
            return chosen
        rules, kept = ways[chosen]
        self.state.choose(rules=rules, saved=kept)
        return None

    def _file(self) -> Move | None:
        if self.state.choices.source is None:
            answer = choice("Which file?")
            if answer in (BACK, QUIT, ""):
                return answer
            self.state.choose(source=_there(answer))
        return None

    def _row_mode(self) -> Move | None:
        """Whether a row is a whole invoice, asked before its columns are matched (S0-4)."""
        asked = self.state.row_mode
        if asked is None or asked.value:
            return None
        titles = {"single": "a row is a whole {document}", "multi": "several rows may be one {document}, one for each of its lines"}
        words = {titles.get(choice, choice).replace("{document}", self.state.whole.document): choice for choice in asked.choices}
        chosen = pick("Which rows? Number", list(words))
        if chosen in (BACK, QUIT):
            return chosen
        self.state.answer(asked.name, words[chosen])
        return None

    def _source_details(self) -> Move:
        sheets = self.state.table.origin.sheets
        ways = {"f": "another file", "r": "other rules", "h": "the heading row", "e": "the encoding", **({"s": "the sheet"} if len(sheets) > 1 else {})}
        ways |= {"m": "the other way to read rows"} if self.state.row_mode is not None else {}
        answer = menu(f"Enter to go on; {', '.join(f'{key} for {what}' for key, what in ways.items())}; q to stop", *ways)
        if answer not in ways:
            return answer
        if answer == "f":
            self.state.choose(source=None)
        elif answer == "r":
            self.state.choose(rules="", saved=None)
        elif answer == "m":
            others = [choice for choice in self.state.row_mode.choices if choice != self.state.row_mode.value]
            self.state.answer(self.state.row_mode.name, others[0])
        elif answer == "h":
            self.state.choose(header=options.header_row(prompt("Row of the headings, none, or auto") or "auto"))
        elif answer == "e":
            self.state.choose(encoding=prompt("Encoding, such as utf-8 or cp1252; Enter finds it") or None)
        elif (sheet := pick("Which sheet? Number", list(sheets))) not in (BACK, QUIT):
            self.state.choose(sheet=sheet)
        return self._source()

    def _mapping(self) -> Move:
        names, first = list(self.state.mapping.matches), self.state.table.origin.first_column
        while True:
            showing.mapping(self.state.mapping, self.state.rules, self.state.choices.settings, first, numbered=True)
            answer = choice("Number of a field to give it another column; Enter to go on; b back; q stop")
            if answer in ("", BACK, QUIT):
                return answer
            if (number := _number(answer, len(names))) is None:
                continue
            name = names[number - 1]
            headings = enumerate(self.state.table.headings, first)
            say("  ".join(f"{invoice_rules.column_letter(at)} {showing.plain(text)}" for at, text in headings))
            column = prompt(f"Column for {self.state.rules.fields[name].title}: letter or heading; - for none; Enter for the guess")
            self._give(name, {"": None, "-": ""}.get(column, column))

    def _give(self, name: str, column: str | None) -> None:
        """Take the column, if the file has it."""
        before = self.state.choices.given
        self.state.give(name, column)
        try:
            _ = self.state.mapping
        except invoice_rules.CannotRun as unknown:
            self.state.choose(given=before)
            tell(str(unknown), style="red")

    def _settings(self) -> Move:
        while True:
            questions = self.state.questions()
            showing.questions(questions)
            answer = choice("Number to change one; Enter to go on; b back; q stop")
            if answer in ("", BACK, QUIT):
                return answer
            if (place := _number(answer, len(questions))) is not None:
                self._answer(questions[place - 1])

    def _answer(self, question: Any) -> None:
        words = " or ".join(question.choices) if question.choices else "a value, or another field as {amount}" if question.required else "what it is"
        value = prompt(f"{question.title}: {words}; Enter for {question.default}")
        value = next((one for one in question.choices if one.casefold() == value.casefold()), value)
        if question.choices and value and value not in question.choices:
            tell(f"Choose {' or '.join(question.choices)}.", style="red")
            return
        try:
            self.state.answer(question.name, value)
        except invoice_rules.CannotRun as stop:
            tell(str(stop), style="red")

    def _check(self) -> Move:
        examine(self.state)
        show(self.state)
        while True:
            answer = menu("Enter to go on; f apply the safe fixes; a show every problem; b back; q stop", "f", "a")
            if answer == "f":
                self.state.choose(apply_fixes=True)
                show(self.state)
            elif answer == "a":
                show(self.state, show_all=True)
            else:
                return answer

    def _confirm(self) -> Move:
        asking.settle_holds(self.state)
        importing.show_plan(self.state)
        asking.close_absent(self.state)
        question = self.state.question() or f"Nothing changes in {self.state.report.entity.name}. Keep a receipt of that?"
        answer = menu(f"{question} y yes, n no, b back", "y", "n", enter=False)
        return {"y": "", "n": QUIT}.get(answer, answer)

    def _finish(self) -> int:
        receipt = importing.commit(self.state, self._again)
        plan = self.state.plan
        unsettled = bool(plan.report.unsettled(plan.accepted_holds))
        importing.show_result(receipt, importing.error_workbook(self.state), Path(self.state.choices.source).parent, unsettled=unsettled)
        if self.state.choices.sender and asking.yes(f"Remember the fixes and column settings for {self.state.choices.sender}?", default=True):
            importing.remember(self.state, self.session, quiet=False)
        self._keep_mapping()
        return 1 if self.state.plan.count(invoice_rules.Outcome.REJECTED) else 0

    def _keep_mapping(self) -> None:
        """Offer to keep the columns and values for the next file (S3-15)."""
        if self.state.mapping.version and self.session.replaced_mapping(self.state, self.state.mapping.name) is None:
            return
        name = prompt("Name under which to keep the columns and values for the next file (default is used by itself); Enter for no")
        if not name:
            return
        before = self.session.replaced_mapping(self.state, name)
        if before is not None and not asking.yes(f'The mapping "{name}" is there already, version {before.version}. Replace its columns and values?'):
            say(f'"{name}" stays as it is.')
            return
        kept = self.session.keep_mapping(self.state, name)
        say(f'Saved as "{name}", version {kept.version}.')

    def _again(self) -> bool:
        importing.show_plan(self.state)
        return asking.confirm(self.state)


def prompt(question: str) -> str:
    """One line from the user, as it was typed."""
    suffix = " " if question.endswith("?") else ": "
    return typer.prompt(question, default="", show_default=False, prompt_suffix=suffix, err=True).strip()


def choice(question: str) -> str:
    """One line from the user where a single letter says where to go, whatever its case."""
    answer = prompt(question)
    return answer.lower() if len(answer) == 1 else answer


def menu(question: str, *keys: str, enter: bool = True) -> str:
    """One of the keys, Enter, BACK or QUIT; asked again until it is one."""
    known = (*keys, BACK, QUIT, *([""] if enter else []))
    while (answer := choice(question)) not in known:
        tell(f'"{answer}" is not among the answers.', style="red")
    return answer


def pick(question: str, names: list[str], title: Callable[[str], str] = showing.plain) -> str:
    """One of the names, by its number in a list; or BACK or QUIT."""
    for number, name in enumerate(names, 1):
        say(f"{number:>3}  {title(name)}")
    while True:
        answer = choice(question)
        if answer in (BACK, QUIT):
            return answer
        if (place := _number(answer, len(names))) is not None:
            return names[place - 1]


def _there(answer: str) -> Path:
    """The file of this name; quotes around it, as a file manager pastes them, are taken off."""
    path = Path(answer.strip("\"'")).expanduser()
    if not path.is_file():
        raise invoice_rules.CannotRun(f"There is no file {path}. Check the name and the folder.")
    return path


def _number(answer: str, most: int) -> int | None:
    """A number from 1 to `most`; otherwise the user is told, and it is None."""
    if answer.isdecimal() and 1 <= int(answer) <= most:
        return int(answer)
    tell(f'"{answer}" is not one of the numbers 1 to {most}.', style="red")
    return None
