"""`send`: invoices on file to Xero or Spectrum, none of them twice, then the offer to mark them in Autotask (S2-42 … S2-44, S4-6 … S4-19)."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules import connectors
from invoice_rules.cli import asking, contacts, options, output, standing
from invoice_rules.cli.app import app
from invoice_rules.cli.marking import mark_all
from invoice_rules.cli.session import Session, say, tell, working
from invoice_rules.cli.waiting import Voice, lasting

RESEND = ("skip", "update", "new")
MARK = ("ask", "always", "never")

System = Annotated[str, typer.Argument(metavar="SYSTEM", help="xero or spectrum, or a connection by its name.")]
To = Annotated[str, typer.Option("--to", metavar="NAME", help="Which organisation, where several are connected; `connections` lists them.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check the customers and show what would go; nothing leaves.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")]
Mark = Annotated[str, typer.Option("--mark", metavar="WHEN", help="Mark what was sent as processed in Autotask: ask, always or never; else as the connection says.")]
Resend = Annotated[list[str] | None, typer.Option("--resend", metavar="KEY=HOW", help="Send an invoice again that was processed before: skip, update what is there, or new for a second one. May be repeated.")]
Map = Annotated[list[str] | None, typer.Option("--map", metavar="COMPANY=CONTACT", help="This Autotask company is this contact in Xero. May be repeated.")]
ThisRun = Annotated[bool, typer.Option("--this-run-only", help="What --map says holds for this sending, and is not kept.")]


@app.command()
def send(
    ctx: typer.Context,
    system: System,
    to: To = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    mark: Mark = "",
    resend: Resend = None,
    map_: Map = None,
    this_run_only: ThisRun = False,
) -> None:
    """Send the invoices on file to Xero or Spectrum.

    What was left open by an earlier sending is looked into first. Then all customers are checked, and what would go is shown with the organisation
    that it goes to. Nothing leaves before you say yes, and nothing goes twice: the ledger knows what was sent.

    Ends with 0 where everything went, 1 where something stayed back, was refused or has an unknown outcome, 2 where nothing could be sent.
    """
    session: Session = ctx.obj
    if not (yes or dry_run or session.interactive):
        raise invoice_rules.CannotRun("Nothing was sent: nobody can be asked here. Add --yes to send without asking, or --dry-run to see what would go.")
    if mark and mark not in MARK:
        raise invoice_rules.CannotRun(f'--mark says "{mark}". Write ask, always or never.')
    mapped = options.pairs(map_ or (), "--map", "COMPANY=CONTACT")
    run = _Run(session, connectors.desk.target(to, system), ask=session.interactive and not yes and not dry_run)
    run.linked = contacts.given(run.engine, mapped.items(), save=not (this_run_only or dry_run))
    code = run.go(dry_run, mark, _again(resend or ()))
    if session.json:
        with output.array(ctx) as writing:
            writing.add(run.told(dry_run))
    raise typer.Exit(code)


def _again(texts: Iterable[str]) -> dict[str, str]:
    """`["29683=update"]` -> {"29683": "update"}; raises CannotRun for another word (S4-18)."""
    found = options.pairs(texts, "--resend", "KEY=skip, KEY=update or KEY=new")
    for key, how in found.items():
        if how not in RESEND:
            raise invoice_rules.CannotRun(f'--resend says "{how}" of {key}. Write skip, update or new.')
    return found


class _Run:
    """One sending to one target, from the look at what is open to the mark."""

    def __init__(self, session: Session, connection: Any, ask: bool):
        self.session, self.connection, self.ask = session, connection, ask
        self.place = connectors.desk.place(connection)
        self.voice = Voice()
        self.engine = self._opened()
        self.linked: Sequence[tuple[str, str]] = ()
        self.entries: Sequence[Any] = ()
        self.arrived: Sequence[str] = ()
        self.summary: Any = None
        self.marked: Any = None

    def go(self, dry_run: bool, mark: str, resend: dict[str, str]) -> int:
        """The exit code; what there is to show is shown on the way."""
        if not dry_run:
            self._settle()
        try:
            self._prepare(resend)
            if self.ask and contacts.settle(self.engine, self.entries):
                self._prepare(resend)
            if self.arrived:
                tell(connectors.desk.not_again(self.arrived))
            question = connectors.desk.question(self.entries, self.connection)
            declined = dry_run or bool(question and self.ask and not asking.yes(question))
        except BaseException:  # also Ctrl+C at the question: it was not agreed to
            self.engine.withdraw()
            raise
        if declined:
            self.engine.withdraw()
            self._unlinked(dry_run)
            self._say("\nThis was a dry run: nothing was sent." if dry_run else "Nothing was sent.", style="bold")
            return int(not dry_run or self._held)
        if question:
            self._send()
        self._mark(mark or connectors.desk.marking(self.connection))
        return self._code()

    def _opened(self) -> Any:
        return connectors.desk.opened(self.session.existing_store(), self.connection, told=self.voice.told, progress=self.voice.progress)

    def _unlinked(self, dry_run: bool) -> None:
        """What --map says held for the preview of a dry run alone: it is told, and the invoices are checked without it."""
        if dry_run and self.linked:
            self._say("\n" + "\n".join(f'Company {company} would be linked with "{name}".' for company, name in self.linked))
            with working(f"Checking customers and invoices for {self.place}"):
                self._opened().prepare()

    @property
    def _held(self) -> bool:
        """Whether anything stays back that waits for a person."""
        return bool(connectors.desk.kept_back(self.entries))

    def _settle(self) -> None:
        """What an earlier sending left open is asked about; what was found is told."""
        with self.voice.bar("Looking into what was left open"):
            done = self.engine.settle()
        if done.logged_out or (done.stopped and not done.entries):
            raise invoice_rules.CannotRun(done.stopped)
        if done.entries:
            self._say(f"Left open earlier: {connectors.desk.settled(done.entries)}")
        self._ended(done)

    def _prepare(self, resend: dict[str, str]) -> None:
        with working(f"Checking customers and invoices for {self.place}"):
            found = self.engine.prepare(resend=resend)
            self.entries, self.arrived = found.entries, found.arrived
        if not self.session.json:
            say(f"To {self.place}, from {self.session.entity}", style="bold")
            standing.preview(self.entries)

    def _send(self) -> None:
        """Send what the question was about, and no more."""
        with self.voice.bar(f"Sending to {self.place}"):
            self.summary = self.engine.send([entry.key for entry in connectors.desk.ready(self.entries)])
        if not self.session.json:
            say("")
            standing.outcome(self.summary.entries)
        self._ended(self.summary)

    def _mark(self, when: str) -> None:
        """Mark what is known to be there, and no other (S4-15, S4-16)."""
        waiting = connectors.desk.unmarked(connectors.desk.standing(self.session.store, to=self.connection.name))
        hindered = connectors.desk.no_marks(self.connection)
        if not waiting:
            return
        if not hindered and (when == "always" or (when == "ask" and self.ask and asking.yes(connectors.desk.mark_question(waiting), default=True))):
            self.marked = mark_all(self.engine, self.voice, self.session.json)
            return
        how = hindered or "`invoice-rules mark` marks them."
        self._say(f"{invoice_rules.plural(len(waiting), 'invoice')} {'is' if len(waiting) == 1 else 'are'} sent and not marked in Autotask. {how}")

    def _code(self) -> int:
        """0 where everything that was meant went and was marked, 2 where nothing could go, else 1."""
        if self.summary is not None:
            arrived = len(connectors.desk.arrived(self.summary.entries))
            if self.summary.stopped and not arrived:
                return 2
            if arrived < len(self.summary.entries):
                return 1
        return int(self._held or bool(self.marked and (self.marked.stopped or self.marked.failed)))

    def _say(self, text: str, style: str = "") -> None:
        if not self.session.json:
            say(text, style=style)

    def _ended(self, done: Any) -> None:
        """Why it ended early, and when an unknown outcome may be asked about."""
        if done.wait and self.engine.destination.askable:
            tell(f"{self.engine.destination.title} can be asked about the unknown outcome in {lasting(done.wait)}; send again then.")
        if done.stopped:
            tell(done.stopped, style="red")

    def told(self, dry_run: bool) -> dict[str, Any]:
        """The JSON of this run."""
        desk = connectors.desk
        now = {entry.id: entry for entry in self.entries} | {entry.id: entry for one in (self.summary, self.marked) if one for entry in one.entries}
        listed = [entry for entry in now.values() if str(entry.state) not in ("done", "replaced") or self.marked and entry in self.marked.entries]
        sent = desk.arrived(self.summary.entries) if self.summary else ()
        return {
            "to": self.place,
            "connection": self.connection.name,
            "entity": self.session.entity,
            "dry_run": dry_run,
            "ready": len(desk.ready(self.entries)),
            "kept_back": len(desk.kept_back(self.entries)),
            "totals": desk.exact_totals(desk.ready(self.entries)),
            "sent": len(sent),
            "marked": None if self.marked is None else self.marked.counts.get("done", 0),
            "stopped": next((one.stopped for one in (self.summary, self.marked) if one and one.stopped), None),
            "invoices": [desk.row(entry) for entry in listed],
        }
