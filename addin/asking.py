"""The questions of a login, in the dialogs of the spreadsheet program (S4-5, S4-6)."""

import webbrowser
from collections.abc import Sequence

from addin.dialogs import Field
from addin.session import Session


class Asked:
    """Asks whoever sits at the spreadsheet; what is cancelled stops the login. Secrets are not shown while they are typed."""

    def __init__(self, session: Session):
        self._session, self._told = session, ""

    def open_browser(self, url: str) -> None:
        """Open the address in the user's browser."""
        webbrowser.open(url)

    def choose(self, title: str, options: Sequence[str]) -> int:
        """Which one, from 0; -1 where the user cancelled."""
        answer = self._session.dialogs.form(title, [Field("choice", "Choose", options[0], tuple(options))])
        return -1 if answer is None else list(options).index(answer["choice"])

    def text(self, prompt: str) -> str:
        """A line; "" where the user cancelled."""
        return self._one(prompt, Field("text", "Answer"))

    def secret(self, prompt: str) -> str:
        """A line that is not shown; "" where the user cancelled."""
        return self._one(prompt, Field("text", "Not shown", secret=True))

    def pasted(self) -> str:
        """The address that the browser ended at, with what was told about it."""
        return self._one(self._told, Field("text", "Address"))

    def tell(self, sentence: str) -> None:
        """Something to know while it goes on, in the status bar."""
        self._told = sentence
        self._session.done(sentence)

    def _one(self, text: str, field: Field) -> str:
        answer = self._session.dialogs.form(text, [field])
        return "" if answer is None else answer["text"]
