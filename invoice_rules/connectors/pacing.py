"""Waiting where a service asks for it: `Pace` spaces requests, `pause` reads what an answer 429 says."""

import datetime as dt
from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from invoice_rules.connectors.clock import Clock
from invoice_rules.results import Answer

Told = Callable[[str, float], None]
"""Hears of a wait: a sentence, and the seconds that it will take."""

MOST = 300.0
"""Seconds that one request waits in all because the service asks for it."""

_FIRST = 5.0


class Pace:
    """At most so many calls in any stretch of so many seconds (60 in 60 for Xero)."""

    def __init__(self, calls: int, seconds: float, clock: Clock) -> None:
        self.calls, self.seconds, self.clock = calls, seconds, clock
        self._times: deque[float] = deque(maxlen=calls)

    def wait(self, told: Told | None = None, name: str = "The service") -> None:
        """Return when one more call may be made, and count it."""
        now = self.clock.now().timestamp()
        if len(self._times) == self.calls and (rest := self._times[0] + self.seconds - now) > 0:
            if told and rest >= 1:
                told(f"{name} takes {self.calls} requests in {self.seconds:.0f} seconds; waiting for the next.", rest)
            self.clock.sleep(rest)
            now = max(self.clock.now().timestamp(), now + rest)
        self._times.append(now)


def pause(answer: Answer, clock: Clock, waited: float) -> float:
    """Seconds to wait before the next try after an answer 429: what Retry-After says, else longer each time."""
    said = str(answer.headers.get("Retry-After", "")).strip()
    if said.replace(".", "", 1).isdecimal():
        return max(1.0, float(said))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return max(_FIRST, waited)
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max(1.0, (until - clock.now()).total_seconds())
