"""The time, as connectors see it: tests put a clock of their own in its place."""

import datetime as dt
import time


class Clock:
    """The clock of this computer."""

    def now(self) -> dt.datetime:
        """This moment, in UTC."""
        return dt.datetime.now(dt.UTC)

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        time.sleep(seconds)
