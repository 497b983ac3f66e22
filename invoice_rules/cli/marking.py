"""`mark`: the mark in Autotask on what was sent and has none yet (S4-15 … S4-17)."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

import invoice_rules
from invoice_rules import connectors
from invoice_rules.cli import asking, output, standing
from invoice_rules.cli.app import app
from invoice_rules.cli.session import Session, say, tell
from invoice_rules.cli.waiting import Voice

To = Annotated[str, typer.Option("--to", metavar="NAME", help="Only those sent to this connection.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Mark without asking.")]


@app.command()
def mark(ctx: typer.Context, to: To = "", yes: Yes = False) -> None:
    """Mark as processed in Autotask what was sent and is not marked yet.

    Only invoices that are known to be there. Ends with 1 where one could not be marked.
    """
    session: Session = ctx.obj
    store = session.existing_store()
    waiting = connectors.desk.unmarked(connectors.desk.standing(store, to=to))
    ways = _ways(waiting)
    done = []
    if waiting:
        asking.must_confirm(session, connectors.desk.mark_question(waiting), yes)
    elif not session.json:
        say("Everything that was sent is marked.")
    for connection in ways:
        voice = Voice()
        done.append(mark_all(connectors.desk.opened(store, connection, told=voice.told, progress=voice.progress), voice, session.json))
    if session.json:
        with output.array(ctx) as writing:
            for summary in done:
                for entry in summary.entries:
                    why = None if entry.state == "done" else summary.failed.get(entry.id) or summary.stopped or None
                    writing.add({**connectors.desk.row(entry), "failed": why})
    raise typer.Exit(int(any(one.failed or one.stopped for one in done)))


def _ways(waiting: Sequence[Any]) -> list[Any]:
    """The connections that these went by. Raises CannotRun where one is gone, or where it is not known whose invoices they are."""
    found = {(entry.destination, entry.tenant): (entry, connectors.desk.connected(entry)) for entry in waiting}
    for entry, connection in found.values():
        if connection is None:
            raise invoice_rules.CannotRun(f"{connectors.desk.place_of(entry)} is not connected any more. Connect it, then mark. Nothing was marked.")
        if hindered := connectors.desk.no_marks(connection):
            raise invoice_rules.CannotRun(hindered)
    return [connection for _, connection in found.values()]


def mark_all(engine: Any, voice: Voice, quiet: bool) -> Any:
    """Mark what one target has; what became of it is told."""
    with voice.bar("Marking in Autotask"):
        done = engine.mark()
    if not quiet:
        count = done.counts.get("done", 0)
        say(f"{invoice_rules.plural(count, 'invoice')} marked as processed in Autotask." if count or not done.stopped else "No invoice was marked.")
        standing.not_marked(done)
    if done.stopped:
        tell(done.stopped, style="red")
    return done
