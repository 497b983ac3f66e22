"""The one exception that users meet: something about the file, the store or the request keeps us from working at all."""


class CannotRun(Exception):
    """Nothing was done. The text says what is in the way, where (file, row, field), and what to do about it."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook the sentence alone, without the way of the program to it."""
        return [str(self)]


class Outrun(CannotRun):
    """The store changed between the plan and its commit: nothing was written; make the plan again (X-6)."""
