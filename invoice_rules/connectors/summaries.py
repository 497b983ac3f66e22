"""What the engine of sending hands back: `Overview` before anything leaves, `Summary` of what it did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from invoice_rules.connectors.protocols import Progress
from invoice_rules.problems import plural
from invoice_rules.results import Entry, State


@dataclass(frozen=True)
class Overview:
    """All entries of a target as they stand before sending: the preview. Nothing has left.

    `arrived` are the keys that were to go once more, and do not: the look before this preview found that they did so already.
    """

    entries: tuple[Entry, ...]
    arrived: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> dict[State, int]:
        """State -> how many."""
        return counts(self.entries)

    @cached_property
    def totals(self) -> dict[str, int]:
        """Currency -> what is ready, in minor units (X-17)."""
        sums: dict[str, int] = {}
        for entry in self.entries:
            if entry.state is State.READY:
                sums[entry.currency] = sums.get(entry.currency, 0) + entry.total
        return dict(sorted(sums.items()))

    @cached_property
    def reasons(self) -> dict[tuple[State, str], int]:
        """(state, why) -> how many are kept back for it, the most frequent first."""
        kept = Counter((entry.state, entry.note) for entry in self.entries if entry.state in _KEPT)
        return dict(kept.most_common())

    @property
    def ready(self) -> int:
        """How many go with the next sending."""
        return self.counts.get(State.READY, 0)


_KEPT = (State.NEEDS_MAPPING, State.HELD, State.REJECTED, State.SKIPPED)


@dataclass(frozen=True)
class Summary:
    """What became of the entries that were meant, as they are now.

    `stopped` is a sentence where the work ended before its end, "" where it did not; `logged_out` where logging in again mends that. `failed` says of
    entries that could not be marked why not; `wait` is the number of seconds after which those of an unknown outcome may be asked about.
    """

    entries: tuple[Entry, ...] = ()
    stopped: str = ""
    logged_out: bool = False
    failed: Mapping[int, str] = field(default_factory=dict)
    wait: float = 0

    @cached_property
    def counts(self) -> dict[State, int]:
        """State -> how many."""
        return counts(self.entries)


def stored(entry: Entry) -> tuple[int, int]:
    """Which stored invoice an entry means, and as which version."""
    return entry.invoice, entry.version


def not_as_shown(entries: Sequence[Entry]) -> str:
    """Why these did not go, a sentence; "" for none (S4-6)."""
    if not entries:
        return ""
    if len(entries) == 1:
        return f"Invoice {entries[0].key} was changed after it was shown, so it was not sent. Look at it as it is now, then send again."
    return f"{plural(len(entries), 'invoice')} were changed after they were shown, so they were not sent. Look at them as they are now, then send again."


def counts(entries: Sequence[Entry]) -> dict[State, int]:
    """State -> how many, in the order of the states."""
    found = Counter(entry.state for entry in entries)
    return {state: found[state] for state in State if found[state]}


class Count:
    """Tells how many entries are dealt with, which only ever grows."""

    def __init__(self, total: int, words: str, show: Progress) -> None:
        self.done, self.total, self.words, self._show = 0, total, words, show
        show(0, total, words)

    def more(self, count: int) -> None:
        """So many more are dealt with."""
        self.done += count
        if count:
            self._show(self.done, self.total, self.words)
