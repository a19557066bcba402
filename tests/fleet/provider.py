# SPDX-License-Identifier: Apache-2.0
"""One node's credential provider: a peer's, which remembers nothing, and regcred, with and without its node cache."""
import functools
from typing import Callable, NamedTuple, Optional, Union

from measured import (EXCHANGE_SECONDS, MARGIN_SECONDS_MIN, MARGIN_SHARE, PEER_RETRIES, REGCRED_RETRIES, USEFUL_ATTEMPT,
                      NodeSettings, Retries)
from registry import Refusal, Registry
from simulation import EventQueue, Meter


class Answer(NamedTuple):
    """A credential."""
    cache_seconds: float  # cacheDuration


class Failure(NamedTuple):
    """An execution without a credential. What every later one on this node leads to until `certain_until`."""
    certain_until: float = 0.0
    requests: float = 0.0  # of each later execution
    seconds: float = 0.0


Answered = Callable[[Union[Answer, Failure]], None]


class Site:
    """What a provider meets outside its process."""

    def __init__(self, queue: EventQueue, meter: Meter, registry: Registry, address: int = 0,
                 exchange_seconds: float = EXCHANGE_SECONDS) -> None:
        self.queue, self.meter, self.registry, self.address = queue, meter, registry, address
        self.exchange_seconds = exchange_seconds


def pause_before(attempt: int, refusal: Refusal, retries: Retries, seconds_left: float, fraction: float) -> Optional[float]:
    """Seconds until attempt number `attempt` (2, 3, ...) of the same execution; None: there is none."""
    if attempt > retries.attempts_max or (refusal.status_400 and not retries.retries_throttled_400):
        return None
    grown = min(retries.backoff_first * retries.backoff_factor ** (attempt - 2), retries.backoff_max)
    pause = grown * (1.0 - retries.backoff_jitter * fraction)
    if retries.obeys_retry_after and refusal.retry_after is not None:
        pause = max(pause, refusal.retry_after)
    return pause if pause + USEFUL_ATTEMPT <= seconds_left else None


class Execution:
    """The requests of one execution. `done` gets None, or the last refusal."""

    def __init__(self, site: Site, retries: Retries, done: Callable[[Optional[Refusal]], None]) -> None:
        self._site, self._retries, self._done = site, retries, done
        self._attempt, self._end = 1, site.queue.now + retries.deadline
        self._send()

    def _send(self) -> None:
        site = self._site
        site.meter.ask(site.queue.now)
        refusal = site.registry.exchange(site.address, site.queue.now)
        site.queue.after(site.exchange_seconds, self._received, refusal)

    def _received(self, refusal: Optional[Refusal]) -> None:
        pause = None
        if refusal is not None:
            queue = self._site.queue
            self._attempt += 1
            pause = pause_before(self._attempt, refusal, self._retries, self._end - queue.now, queue.random.random())
        if pause is None:
            self._done(refusal)
        else:
            self._site.queue.after(pause, self._send)


def while_refused(refusal: Refusal, retries: Retries, exchange_seconds: float) -> Failure:
    """What executions lead to as long as the registry goes on refusing: how many requests, in how many seconds. During
    an outage they are simulated one by one, since those that share an exchange share its failure too."""
    if not refusal.throttled:
        return Failure()
    requests, seconds = 1, exchange_seconds
    while (pause := pause_before(requests + 1, refusal, retries, retries.deadline, 0.5)) is not None:
        requests, seconds = requests + 1, seconds + pause + exchange_seconds
    return Failure(refusal.certain_until, requests, seconds)


class Peer:
    """Every other provider: nothing is known from one execution to the next."""

    def __init__(self, site: Site) -> None:
        self._site = site
        model = site.registry.model
        self.reusable_seconds = model.credential_seconds * model.peer_cache_share
        self._answer = Answer(self.reusable_seconds)

    def ask(self, service_account: int, answered: Answered) -> None:
        Execution(self._site, PEER_RETRIES, functools.partial(self._received, answered))

    def warm(self, service_account: int, age: float) -> float:
        return self.reusable_seconds - age

    def _received(self, answered: Answered, refusal: Optional[Refusal]) -> None:
        answered(while_refused(refusal, PEER_RETRIES, self._site.exchange_seconds) if refusal else self._answer)


class ThrottleMemory:
    """Until when a registry does not want to be asked by this node."""

    def __init__(self, settings: NodeSettings) -> None:
        self._settings = settings
        self._guess = 0.0
        self.until = 0.0  # 0: nothing is known; in the past: the next request is a probe

    def remember(self, now: float, retry_after: Optional[float], fraction: float) -> None:
        settings = self._settings
        if retry_after is None:
            self._guess = min(self._guess * 2 or settings.throttle_first, settings.throttle_guess_max)
            wait = self._guess
        else:
            wait = min(retry_after, settings.throttle_seconds_max)
        self.until = now + wait * (1.0 + settings.throttle_jitter * fraction)

    def forget(self) -> None:
        self.until, self._guess = 0.0, 0.0


class Entry(NamedTuple):
    """A credential in the node cache."""
    reusable_until: float  # less margin and spread
    end: float


class Regcred:
    """Remembers throttling; with the node cache also credentials, and one exchange serves all who wait for it."""

    def __init__(self, site: Site, settings: NodeSettings) -> None:
        self._site, self._settings = site, settings
        self.memory = ThrottleMemory(settings)
        self._behind_probe: Optional[list[Callable[[Optional[Refusal]], None]]] = None  # None: no probe is under way
        self.entries: dict[int, Entry] = {}
        self._flights: dict[int, list[Answered]] = {}
        self._spread: dict[int, float] = {}
        life = site.registry.model.credential_seconds
        self.reusable_seconds = max(0.0, life - max(MARGIN_SECONDS_MIN, MARGIN_SHARE * life))

    def ask(self, service_account: int, answered: Answered) -> None:
        if not self._settings.node_cache:
            self._exchange(functools.partial(self._received_alone, service_account, answered))
            return
        entry = self.entries.get(service_account)
        if entry and entry.reusable_until - self._site.queue.now >= self._settings.hit_seconds_min:
            answered(Answer(entry.reusable_until - self._site.queue.now))
            return
        waiting = self._flights.get(service_account)
        if waiting is not None:
            waiting.append(answered)
            return
        self._flights[service_account] = [answered]
        self._exchange(functools.partial(self._received_for_all, service_account))

    def warm(self, service_account: int, age: float) -> float:
        """As after an exchange `age` seconds ago. Gives the seconds for which the kubelet reuses its answer."""
        entry = self._entry_of(service_account, self._site.queue.now - age)
        if self._settings.node_cache:
            self.entries[service_account] = entry
        return entry.reusable_until - self._site.queue.now

    def _entry_of(self, service_account: int, time: float) -> Entry:
        """Of an exchange at that time."""
        life = self._site.registry.model.credential_seconds
        if not self._settings.node_cache:
            return Entry(time + self.reusable_seconds, time + life)
        spread = self._spread.get(service_account)
        if spread is None:
            spread = self._spread[service_account] = self._settings.spread * self._site.queue.random.random()
        return Entry(time + max(0.0, self.reusable_seconds - spread * life), time + life)

    def _received_alone(self, service_account: int, answered: Answered, refusal: Optional[Refusal]) -> None:
        now = self._site.queue.now
        answered(self._failure(refusal) if refusal else Answer(self._entry_of(service_account, now).reusable_until - now))

    def _received_for_all(self, service_account: int, refusal: Optional[Refusal]) -> None:
        now = self._site.queue.now
        answer: Union[Answer, Failure]
        if refusal is None:
            entry = self.entries[service_account] = self._entry_of(service_account, now)
            answer = Answer(entry.reusable_until - now)
        else:
            answer = self._failure(refusal)
            old = self.entries.get(service_account)
            if old and old.end - now > self._settings.stale_seconds_min:
                rest, usable = old.end - now - self._settings.stale_seconds_min, old.reusable_until - now
                answer = Answer(min(usable, rest) if usable > 0 else rest)
        for answered in self._flights.pop(service_account):
            answered(answer)

    def _failure(self, refusal: Refusal) -> Failure:
        return Failure(self.memory.until) if refusal.throttled else Failure()  # nobody sends anything before

    def _exchange(self, done: Callable[[Optional[Refusal]], None]) -> None:
        """An exchange, unless the registry asked this node not to. After such a time one probe goes first."""
        queue, memory = self._site.queue, self.memory
        left = memory.until - queue.now
        if left > self._settings.throttle_wait:
            done(Refusal(throttled=True))
        elif left > 0:
            queue.after(left, self._exchange, done)
        elif self._behind_probe is not None:
            self._behind_probe.append(done)
        else:
            is_probe = memory.until > 0
            if is_probe:
                self._behind_probe = []
            Execution(self._site, REGCRED_RETRIES, functools.partial(self._received, is_probe, done))

    def _received(self, is_probe: bool, done: Callable[[Optional[Refusal]], None], refusal: Optional[Refusal]) -> None:
        queue = self._site.queue
        if refusal is None:
            self.memory.forget()
        elif refusal.throttled:
            self.memory.remember(queue.now, refusal.retry_after, queue.random.random())
        done(refusal)
        if is_probe:
            waiting, self._behind_probe = self._behind_probe or [], None
            for other in waiting:
                self._exchange(other)
