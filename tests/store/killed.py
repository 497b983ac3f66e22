"""A child for test_killing: imports (or undoes) and kills itself at the block or statement that it is told.

Run: python -m tests.store.killed STORE import|undo WHERE; WHERE is the number of the statement before which it dies, 0 for never.
"""

import os
import signal
import sys

import sqlalchemy as sa

from invoice_rules.store import open_store, undo
from tests.store.making import imported, rows_of


def main() -> None:
    url, act, where = sys.argv[1], sys.argv[2], int(sys.argv[3])
    store = open_store(url)
    left = iter(range(1, 10_000))

    def die(*_: object) -> None:
        if next(left) == where:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(store.engine, "before_cursor_execute", die)
    sa.event.listen(store.engine, "commit", die)
    made = undo(1, store) if act == "undo" else imported(store, rows_of(range(200)))
    sys.stdout.write(f"DONE {made.number} {next(left) - 1}\n")


if __name__ == "__main__":
    main()
