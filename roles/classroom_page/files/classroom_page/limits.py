"""How often somebody may do something: a bucket of tokens for each, which fills again by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

MOST_KEYS = 10_000


class Limit:
    """So many at once, and one more each ``seconds``, for each key."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._full_at: dict[Hashable, float] = {}

    def take(self, key: Hashable = None) -> bool:
        """Take a token; False where none is left."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now)
        if full_at - now > (self._most - 1) * self._seconds:
            return False
        if len(self._full_at) >= MOST_KEYS and key not in self._full_at:
            self._forget(now)
            if len(self._full_at) >= MOST_KEYS:
                return False
        self._full_at[key] = full_at + self._seconds
        return True

    def give_back(self, key: Hashable = None) -> None:
        """Give back a token that was taken for nothing wrong."""
        if key in self._full_at:
            self._full_at[key] -= self._seconds

    def _forget(self, now: float) -> None:
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
