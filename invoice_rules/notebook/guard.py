"""What stands around every callback: no exception is lost, and none reaches the user as a traceback.

Whatever a callback or a thread prints or raises goes to a log that nobody sees, so each runs inside a `Guard`, which hands a
sentence to the wizard's panel of messages.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from invoice_rules import CannotRun, trouble


class Guard:
    """Tells what goes wrong: `tell` gets a sentence, with the path of the details where the mistake is our own."""

    def __init__(self, tell: Callable[[str], None]):
        self.tell = tell

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Run what follows; `what` names it in the details of our own mistakes."""
        try:
            yield
        except CannotRun as stopped:
            self.tell(str(stopped))
        except Exception as error:  # noqa: BLE001 # whatever it is, the user gets a sentence and we get the details
            self.tell(trouble.unexpected(error, ["notebook", what]))

    def callback(self, act: Callable[[], None]) -> Callable[..., None]:
        """The act as a callback: what the widget hands over is not looked at."""

        def guarded(*_given: Any) -> None:
            with self(act.__qualname__):
                act()

        return guarded
