"""What an answer does to the ledger, whenever it comes and whatever happened meanwhile.

A plain "it is there" is the truth. A refusal, or "it is not there", is only believed of an entry that is not known to be there and did not leave
once more since. How one differs that was replaced is no question any more.
"""

from collections.abc import Mapping, Sequence

from invoice_rules.errors import CannotRun
from invoice_rules.results import BEFORE, THERE, TWICE, Answer, Result, Send, State
from invoice_rules.store.outbox import ANSWER, Change, Moves, Row, parts, plain
from invoice_rules.store.tables import outbox

_THERE = [state.value for state in THERE]
_OPEN = (State.SENDING.value, State.UNKNOWN.value, State.READY.value)
_ANSWERS = (State.SENT, State.REJECTED, State.CONFLICT, State.UNKNOWN, State.READY)
_SETTLES = (State.SENT, State.CONFLICT, State.UNKNOWN, State.READY)
_BEFORE = [state.value for state in BEFORE]
GONE = "A person did not find it there any more"
INSTEAD = "The earlier one is not there any more, and goes again under its own number"
SILENT = Result(State.UNKNOWN, "The answer says nothing about this one")


def answered(moves: Moves, send: Send, results: Mapping[int, Result], answer: Answer) -> None:
    """See `Ledger.answered`."""
    if wrong := set(results) - set(send.entries):
        raise ValueError(f"entries {sorted(wrong)} are not in request {send.id}")
    _refuse(results, _ANSWERS)
    moves.answer(send.id, f"Answer {answer.status}", said(answer))
    rows = moves.rows(send.entries)
    _move(moves, [(row, _after_answer(row, send.id, results.get(row["id"], SILENT))) for row in rows])


def lost(moves: Moves, send: Send, why: str, answer: Answer | None) -> None:
    """See `Ledger.lost`."""
    moves.answer(send.id, why, said(answer) if answer else None)
    rows = [row for row in moves.rows(send.entries, State.SENDING) if row["send"] == send.id]
    moves.change([(row, {"state": State.UNKNOWN.value, "note": plain(why)}) for row in rows])


def settled(moves: Moves, results: Mapping[int, Result], given: Mapping[int, int]) -> None:
    """See `Ledger.settled`. `given` is entry -> how often it had left, as it was given."""
    _refuse(results, _SETTLES)
    rows = moves.rows(results)
    _move(moves, [(row, _after_look(row, results[row["id"]], given.get(row["id"], row["attempts"]))) for row in rows])


def gone(moves: Moves, entry: int) -> None:
    """See `Ledger.gone`. What was to go once more as a new one waits no more: it would be a second one."""
    for row in moves.rows([entry], State.SENT, State.CONFLICT):
        later = moves.select(outbox.c.rules == row["rules"], outbox.c.key == row["key"], outbox.c.generation > row["generation"])
        if left := [one for one in later if one["state"] not in _BEFORE]:
            raise CannotRun(f"Invoice {row['key']} went once more since, as {left[-1]['number']}. Say what became of that one. Nothing was changed.")
        again = {**_to(State.FOUND, Result(State.FOUND, GONE)), "remote": "", "send": None}
        moves.change([(row, again), *[(one, {**_to(State.SKIPPED, Result(State.SKIPPED, INSTEAD)), "send": None}) for one in later]])


def said(answer: Answer) -> str:
    """An answer as it is kept: the status, then the body as text."""
    body = answer.body[:ANSWER].decode("utf-8", "replace")
    return plain(f"{answer.status}\n{body}", 2 * ANSWER)


def _refuse(results: Mapping[int, Result], known: Sequence[State]) -> None:
    if wrong := {result.state for result in results.values()} - set(known):
        raise ValueError(f"no answer makes an entry {', '.join(wrong)}")


def _move(moves: Moves, changes: Sequence[Change]) -> None:
    moves.change(changes)
    moves.stamp([row for row, new in changes if new.get("state", row["state"]) in _THERE])
    _replace(moves, [{**row, **new} for row, new in changes if row["generation"] > 1 and row["state"] not in _THERE and new.get("state") in _THERE])


def _replace(moves: Moves, arrived: Sequence[Row]) -> None:
    """Earlier ones of these invoices come to their end that differ, since a person sent this one instead, or that are the same one there (S4-18)."""
    later = {(row["rules"], row["key"]): row for row in arrived}
    for part in parts(key for _, key in later):
        there = moves.select(outbox.c.key.in_(part), outbox.c.state.in_([*_THERE, State.CONFLICT.value]))
        mine = [(row, later[row["rules"], row["key"]]) for row in there if (row["rules"], row["key"]) in later]
        over = [(row, new) for row, new in mine if row["generation"] < new["generation"] and (row["state"] == State.CONFLICT or _same(row, new))]
        moves.change([(row, _to(State.REPLACED, Result(State.REPLACED, _instead(row, new)))) for row, new in over])
        marks = {new["id"]: row for row, new in over if row["mark"] and _same(row, new)}
        moves.change([(row, _mark_of(marks[row["id"]])) for row in moves.rows(marks)])


def _same(row: Row, later: Row) -> bool:
    """Whether both are one invoice there, which was changed."""
    return bool(row["remote"]) and row["remote"] == later["remote"]


def _mark_of(row: Row) -> Row:
    """The mark that goes over to the later one, with how far it has come: the source has one invoice (S4-16)."""
    marked = row["state"] in (State.MARKING, State.DONE)
    return {"mark": row["mark"], **({"state": row["state"]} if marked else {})}


def _instead(row: Row, later: Row) -> str:
    return "It was changed there since" if later["number"] == row["number"] else f"{later['number']} replaced it"


def _after_answer(row: Row, send: int, result: Result) -> Row:
    if result.state == State.SENT:
        return _there(row, result)
    mine = row["send"] == send
    if result.state == State.CONFLICT:
        return _differs(row, result) if mine or row["state"] in _THERE else {}
    if result.state == State.UNKNOWN:
        return _to(State.UNKNOWN, result) if mine and row["state"] == State.SENDING else {}
    if not mine or row["state"] not in _OPEN:
        return {}
    return _to(result.state, result)


def _after_look(row: Row, result: Result, attempts: int) -> Row:
    if result.state == State.SENT and row["state"] == State.CONFLICT:
        decided = _named({**row, "remote": ""}, result) if result.remote else {}
        return {**_to(State.SENT, result), **decided, "content": ""}  # looked at as it is now: the next search takes it over so
    if result.state == State.SENT:
        return _there(row, result)
    if result.state == State.CONFLICT:
        return _differs(row, result)
    asked = row["state"] in (State.UNKNOWN, State.CONFLICT) and row["attempts"] == attempts
    return _to(State.READY, result) if result.state == State.READY and asked else {}


def _there(row: Row, result: Result) -> Row:
    """The service has it. What it has twice, and what was in conflict before, is for a person."""
    known = _named(row, result)
    if row["remote"] and result.remote and row["remote"] != result.remote:
        return {**_to(State.CONFLICT, Result(State.CONFLICT, f"{TWICE}: {row['remote']} and {result.remote}")), "remote": ""}
    if row["state"] in (*_THERE, State.CONFLICT, State.REPLACED):
        return known
    return {**_to(State.SENT, result), **known}


def _differs(row: Row, result: Result) -> Row:
    return {} if row["state"] == State.REPLACED else {**_to(State.CONFLICT, result), **_named(row, result)}


def _to(state: State, result: Result) -> Row:
    return {"state": state.value, "note": plain(result.note)}


def _named(row: Row, result: Result) -> Row:
    """The target's identifier, which stays once it is known to be the one, and the number."""
    return {"remote": row["remote"] or plain(result.remote), "number": plain(result.number) or row["number"]}
