"""What goes once more because a person asked for it (S4-18): only in the run that asks, so that nothing goes later of what somebody walked away from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from invoice_rules.results import BEFORE, THERE, Entry, State

if TYPE_CHECKING:
    from invoice_rules.store.ledger import Ledger

NOT_ASKED = "It was to go once more, and was not sent. Ask for that again if it still is to go"
_WAITING = tuple(state for state in BEFORE if state is not State.SKIPPED)


class OnceMore:
    """What this run asked to send again: entries of a later generation, and those that were left out until now."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._let_in: dict[int, Entry] = {}
        self._arrived: set[str] = set()
        self._rules = ""
        self.named: frozenset[str] = frozenset()

    def looked(self, entries: Iterable[Entry]) -> None:
        """How those stand whose outcome was unknown until now: a wish from before does not count for one that turned out to be there."""
        self._arrived |= {entry.key for entry in entries if entry.state in (*THERE, State.CONFLICT)}

    def older(self, resend: Mapping[str, str], seen: Collection[str]) -> tuple[str, ...]:
        """The keys of `resend` that were found to have arrived only after somebody wished for them; of those in `seen` it was known."""
        self._arrived -= set(seen)
        return tuple(key for key, how in resend.items() if how != "skip" and key in self._arrived)

    def find(self, rules: str, resend: Mapping[str, str]) -> None:
        """See `Ledger.find`. From now on the keys of `resend` may go, and no others that were asked for before."""
        self._rules, self.named = rules, frozenset()
        named = frozenset(key for key, how in resend.items() if how != "skip")
        if named:
            self._ledger.find(rules)
        left_out = {entry.id: entry for entry in self._ledger.entries(State.SKIPPED, keys=named)} if named else {}
        self._ledger.find(rules, resend=resend)
        let_in = self._ledger.entries(*_WAITING, keys=named) if left_out else []
        self._let_in |= {entry.id: left_out[entry.id] for entry in let_in if entry.id in left_out}
        self.named = named

    def may_go(self, entry: Entry) -> bool:
        """Whether this run asked for it, or nobody has to: what has left once already was agreed to."""
        was = self._let_in.get(entry.id)
        again = (entry.generation > 1 and not entry.attempts) or (was is not None and was.attempts == entry.attempts)
        return not again or entry.key in self.named

    def allowed(self, entries: Iterable[Entry]) -> Sequence[Entry]:
        """Those of these entries that may go; the others, none of which has left, are left out as they were before: what was changed shows again."""
        going, out = [], False
        for entry in entries:
            if self.may_go(entry):
                going.append(entry)
            else:
                was, out = self._let_in.pop(entry.id, None), True
                self._ledger.skip([entry.id], was.note if was else NOT_ASKED)
        if out and self._rules:
            self._ledger.find(self._rules)
        return going

    def withdraw(self) -> None:
        """Nothing goes once more after all."""
        self.named = frozenset()
        self.allowed(self._ledger.entries(*_WAITING))
