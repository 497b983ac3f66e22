"""Runs of rows that are alike, found with few questions to the spreadsheet program."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")



def uniform(first: int, last: int, ask: Callable[[int, int], T | None]) -> Iterator[tuple[int, int, T]]:
    """(first, last, what) for stretches of which `ask(first, last)` says one thing; None means a mixture, which is halved.

    >>> what = "aaabbbbb"
    >>> list(uniform(0, 7, lambda first, last: what[first] if len(set(what[first:last + 1])) == 1 else None))
    [(0, 1, 'a'), (2, 2, 'a'), (3, 3, 'b'), (4, 7, 'b')]
    """
    waiting = [(first, last)]
    while waiting:
        first, last = waiting.pop()
        what = ask(first, last)
        if what is not None:
            yield first, last, what
        elif first < last:
            middle = (first + last) // 2
            waiting += [(middle + 1, last), (first, middle)]


def runs_of(values: Sequence[T]) -> Iterator[tuple[int, int, T]]:
    """(first, last, value) of neighbours that are equal.

    >>> list(runs_of([False, False, True]))
    [(0, 1, False), (2, 2, True)]
    """
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield start, at - 1, values[start]
            start = at
