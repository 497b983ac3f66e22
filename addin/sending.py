"""Send: invoices of the books to Xero or Spectrum, none of them twice, and how all of them stand (S2-42 … S2-44, S4-6 … S4-19)."""

from typing import Any

import xlwings as xw

from addin import config as settings
from addin import connecting, contacts, sheets
from addin.dialogs import Field
from addin.session import Session
from addin.sheets import Column
from invoice_rules import CannotRun, connectors, plural

_LEDGER = (
    *(Column("State", 18), Column("Number", 16), Column("Key", 16), Column("Customer", 30), Column("Date", 12), Column("Currency", 9), Column("Total", 14)),
    *(Column("Goes to", 28), Column("What is said", 60, long=True), Column("What to do", 60, long=True)),
)
_CHECKED = "the customers are checked first, and nothing leaves before you say yes."
_OPEN, _THERE, _NOT_THERE = "leave it open", "it is there", "it is not there"
_AT_ONCE = 8
_ELSEWHERE = "What has no button here, such as sending one again as a new one or leaving one out, is done in the notebook for sending, or by the command invoice-rules ledger."


def send_invoices(session: Session) -> None:
    """Look into what was left open, check, ask, send, and offer the mark in the source."""
    store = settings.existing_store(session.config)
    names = [one.name for one in connectors.desk.targets()]
    if not names:
        raise CannotRun("Neither Xero nor Spectrum is connected yet. Press Settings and choose under Connections which one to connect.")
    name = connecting.must_choose(session, names, f"Where are the invoices to be sent? {_CHECKED.capitalize()}")
    if name is None:
        session.done("nothing was sent.")
        return
    target = connectors.desk.target(name)
    engine = connectors.desk.opened(store, target, told=lambda says, _: session.say(says), progress=lambda done, total, words: session.say(f"{words}: {done:,} of {total:,}"))
    session.say("Looking into what was left open")
    _stopped(engine.settle())
    _ask_a_person(session, store, engine, target.name)
    session.say("Checking customers and invoices")
    entries = engine.prepare().entries
    if contacts.settled(session, engine, entries):
        entries = engine.prepare().entries
    session.dialogs.tell(_sent(session, engine, entries, target))
    _mark(session, engine, store, target)


def _sent(session: Session, engine: Any, entries: Any, target: Any) -> str:
    """Ask with count, total and organisation, and send; what came of it, in words."""
    question = connectors.desk.question(entries, target)
    held = [f"{line.count:,} {line.word}: {line.says or line.totals}" for line in connectors.desk.lines(entries) if line.state != "ready"][:_AT_ONCE]
    overview = "\n".join([connectors.desk.summary(entries), *held])
    if not question:
        session.done("nothing was sent.")
        return f"{overview}\n\nLedger lists them all."
    if not session.dialogs.confirm(f"{overview}\n\n{question}"):
        session.done("nothing was sent.")
        return "Nothing was sent."
    done = engine.send([entry.key for entry in connectors.desk.ready(entries)])
    session.done(connectors.desk.outcome(done.entries))
    return "\n\n".join(filter(None, [connectors.desk.outcome(done.entries), done.stopped, connectors.desk.needs_person(done.entries)]))


def _stopped(done: Any) -> None:
    if done.stopped:
        raise CannotRun(done.stopped)


def _ask_a_person(session: Session, store: Any, engine: Any, to: str) -> None:
    """Where the service cannot be asked, the user looks there and says what became of invoices of an unknown outcome (S2-44)."""
    if engine.destination.askable:
        return
    unknown = connectors.desk.standing(store, states=("unknown",), to=to)[:_AT_ONCE]
    if not unknown:
        return
    fields = [Field(str(entry.id), f"{entry.number or entry.key}, {entry.customer_name or entry.customer}", _OPEN, (_OPEN, _THERE, _NOT_THERE)) for entry in unknown]
    answer = session.dialogs.form(connectors.desk.next_step(unknown[0]), fields)
    for entry in unknown if answer else ():
        said = (answer or {})[str(entry.id)]
        if said == _THERE:
            connectors.desk.there(store, entry, to=to)
        elif said == _NOT_THERE:
            connectors.desk.not_there(store, entry, to=to)


def _mark(session: Session, engine: Any, store: Any, target: Any) -> None:
    """Mark what is known to be there in the service that it came from, as the connection says (S4-15, S4-16)."""
    waiting = connectors.desk.unmarked(connectors.desk.standing(store, to=target.name))
    when = connectors.desk.marking(target)
    if not waiting or when == "never":
        return
    if hindered := connectors.desk.no_marks(target):
        session.dialogs.tell(hindered)
        return
    if when == "always" or session.dialogs.confirm(connectors.desk.mark_question(waiting)):
        session.say("Marking")
        done = engine.mark()
        failed = [f"{plural(len(done.failed), 'invoice')} could not be marked: {next(iter(done.failed.values()))}"] if done.failed else []
        if failed or done.stopped:
            session.dialogs.tell("\n\n".join(filter(None, [*failed, done.stopped])), bad=True)


def ledger(session: Session) -> None:
    """List how every invoice stands that is to be sent or was sent, on a sheet of its own, what needs somebody first."""
    found = connectors.desk.standing(settings.existing_store(session.config))
    said = connectors.desk.needs_person(found) or "Nothing needs you."

    def fill(sheet: xw.Sheet) -> int:
        top = sheets.heading(sheet, f"Invoices of {session.config.entity} on their way", said, _ELSEWHERE)
        rows = [
            [its.word, its.number, its.key, its.customer_name or its.customer, str(its.date or ""), its.currency, its.total, f"{its.destination} {its.tenant}", its.says, its.next]
            for its in connectors.desk.rows(found).itertuples()
        ]
        sheets.listing(sheet, top, _LEDGER, rows)
        return top

    sheets.made("ledger", session.sheet, fill)
    session.done(f"{plural(len(found), 'invoice')} listed. {said}")
