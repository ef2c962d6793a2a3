"""One rate limit for everything this process asks of Deezer.

Deezer allows about 50 requests in 5 seconds from one address. A bucket of 40 tokens refilled at 8 a second
would let 80 through in its first 5 seconds; here every token comes back exactly 5 seconds after it was taken,
so no window of 5 seconds ever holds more than 40 requests.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Literal

Priority = Literal["play", "prefetch"]


class TokenBucket:
    """Hands out at most `tokens` in any `seconds`; what plays now goes before what may play later.

    Parameters
    ----------
    tokens, seconds
        The limit.
    reserve
        Tokens that a prefetch leaves on the table for playback.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        tokens: int = 40,
        seconds: float = 5.0,
        *,
        reserve: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self._seconds = seconds
        self._reserve = reserve
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=tokens)
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def take(self, priority: Priority = "play") -> float:
        """Take a token and return 0, or return the seconds after which to ask again."""
        with self._lock:
            now = self._clock()
            if self._taken and now < self._taken[-1]:  # a clock set back must not close the bucket for long
                self._taken.clear()
                self._closed_until = min(self._closed_until, now + self._seconds)
            if now < self._closed_until:
                return self._closed_until - now
            while self._taken and self._taken[0] <= now - self._seconds:
                self._taken.popleft()
            allowed = self._tokens if priority == "play" else self._tokens - self._reserve
            if len(self._taken) < allowed:
                self._taken.append(now)
                return 0.0
            blocking = self._taken[len(self._taken) - allowed]
            return max(blocking + self._seconds - now, 0.001)

    def close_for(self, seconds: float) -> None:
        """Let no request through for so many seconds, after Deezer has refused one as too many."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)


@cache
def shared_bucket() -> TokenBucket:
    """The bucket that all clients of this process share."""
    return TokenBucket()
