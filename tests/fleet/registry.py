# SPDX-License-Identifier: Apache-2.0
"""The other side: what a registry grants, whom it throttles, when it is down."""
import collections
import dataclasses
import math
from typing import Callable, NamedTuple, Optional


class Refusal(NamedTuple):
    """An exchange without a credential."""
    throttled: bool                       # else the registry was down
    retry_after: Optional[float] = None   # seconds, as the registry sends it
    status_400: bool = False              # throttled, but not with 429
    certain_until: float = 0.0            # nobody who counts against the same limit gets a credential before


class NoLimit:
    def take(self, now: float) -> Optional[float]:
        return None

    def fill(self, per_hour: float) -> None:
        pass


class SlidingWindow:
    """At most `limit` in any `window` seconds. Requests that were refused do not count (as in Django REST framework,
    whose text "Request was throttled" Cloudsmith's answer has)."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self._admitted: collections.deque[float] = collections.deque()

    def take(self, now: float) -> Optional[float]:
        """None: admitted. Else the time when the next one will be."""
        admitted = self._admitted
        while admitted and admitted[0] <= now - self.window:
            admitted.popleft()
        if len(admitted) < self.limit:
            admitted.append(now)
            return None
        return admitted[0] + self.window

    def fill(self, per_hour: float) -> None:
        """As after a time of so many evenly spread requests."""
        count = min(self.limit, int(per_hour * self.window / 3600))
        self._admitted.extend(self.window * (at / count - 1) for at in range(count))


class TokenBucket:
    """`burst` at once, then `rate` a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._tokens, self._filled = burst, 0.0

    def take(self, now: float) -> Optional[float]:
        self._tokens = min(self.burst, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return None
        return now + (1.0 - self._tokens) / self.rate

    def fill(self, per_hour: float) -> None:
        pass  # steady requests below the rate leave it full


@dataclasses.dataclass(frozen=True)
class RegistryModel:
    """What is known of one registry."""
    name: str
    credential_seconds: float
    peer_cache_share: float         # of that, its own provider lets the kubelet cache this share
    limit: Callable[[], NoLimit | SlidingWindow | TokenBucket]
    per_address: bool               # else per account: all nodes together
    sends_retry_after: bool
    throttles_with_400: bool = False


# Documented: 1,800 an hour for anonymous requests of one address; Retry-After 3304 as an example. Inferred: that the
# exchange counts as anonymous, that the window slides. A token lives 90 to 120 minutes.
CLOUDSMITH = RegistryModel("cloudsmith", 7200, 0.9, lambda: SlidingWindow(1800, 3600), True, True)
# Documented: 20 a second and a burst of 200 for an account and region, 12 hours; throttling is status 400 without a
# time. Kubernetes' own provider caches half of the life.
ECR = RegistryModel("ecr", 43200, 0.5, lambda: TokenBucket(20, 200), False, False, throttles_with_400=True)
# A registry of one's own without a limit, tokens of an hour.
UNLIMITED = RegistryModel("unlimited", 3600, 0.9, NoLimit, False, False)
MODELS = {model.name: model for model in (CLOUDSMITH, ECR, UNLIMITED)}


class Registry:
    """Answers exchanges. `address` is the address that it sees: nodes behind one NAT have the same."""

    def __init__(self, model: RegistryModel, outage: Optional[tuple[float, float]] = None) -> None:
        self.model = model
        self._outage = outage or (math.inf, math.inf)
        self._limits: dict[int, NoLimit | SlidingWindow | TokenBucket] = {}

    def exchange(self, address: int, now: float) -> Optional[Refusal]:
        """None: a credential that lives `model.credential_seconds`."""
        start, end = self._outage
        if start <= now < end:
            return Refusal(throttled=False)
        admitted_at = self._limit_of(address).take(now)
        if admitted_at is None:
            return None
        retry_after = math.ceil(admitted_at - now) if self.model.sends_retry_after else None
        return Refusal(True, retry_after, self.model.throttles_with_400, admitted_at)

    def fill(self, address: int, per_hour: float) -> None:
        """As after a time in which that many requests an hour were evenly spread."""
        self._limit_of(address).fill(per_hour)

    def _limit_of(self, address: int) -> NoLimit | SlidingWindow | TokenBucket:
        key = address if self.model.per_address else 0
        limit = self._limits.get(key)
        if limit is None:
            limit = self._limits[key] = self.model.limit()
        return limit
