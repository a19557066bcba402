# SPDX-License-Identifier: Apache-2.0
"""A node's kubelet: its cache of credentials, its pods, and the back-off of their pulls."""
import functools
from typing import Protocol, Union

from measured import PULL_BACKOFF_FIRST, PULL_BACKOFF_MAX, SYNC_AGAIN_MAX, SYNC_AGAIN_MIN
from provider import Answer, Answered, Failure
from simulation import EventQueue, Meter


class Provider(Protocol):
    reusable_seconds: float  # cacheDuration of a new credential, without spread

    def ask(self, service_account: int, answered: Answered) -> None:
        """One execution. `answered` is called once, now or later."""

    def warm(self, service_account: int, age: float) -> float:
        """As after an exchange `age` seconds ago. Gives the seconds for which the kubelet reuses its answer."""


class Pod:
    """A pod that waits for its image."""
    __slots__ = ("service_account", "wanted", "backoff", "backoff_until")

    def __init__(self, service_account: int, wanted: float) -> None:
        self.service_account, self.wanted = service_account, wanted
        self.backoff, self.backoff_until = 0.0, 0.0

    def pull_failed(self, now: float) -> None:
        """The kubelet pulls without credentials then, and the registry refuses. In back-off it does not pull."""
        if now >= self.backoff_until:
            self.backoff = min(self.backoff * 2 or PULL_BACKOFF_FIRST, PULL_BACKOFF_MAX)
            self.backoff_until = now + self.backoff


class Kubelet:
    """With tokens of service accounts, cacheType ServiceAccount and answers for a whole registry."""

    # Nothing changes for a pod that is certain to wait for longer than this: its synchronisations are not simulated one
    # by one. Their requests are counted by their rate.
    SKIP_SECONDS = 60.0
    SYNC_AGAIN_MEAN = (SYNC_AGAIN_MIN + SYNC_AGAIN_MAX) / 2

    def __init__(self, queue: EventQueue, meter: Meter, provider: Provider) -> None:
        self._queue, self._meter, self._provider = queue, meter, provider
        self._cached_until: dict[int, float] = {}
        self.executions = 0

    def start(self, service_account: int) -> None:
        self._meter.pods += 1
        self._synchronise(Pod(service_account, self._queue.now))

    def cached_until(self, service_account: int) -> float:
        return self._cached_until.get(service_account, -1.0)

    def warm(self, service_account: int, age: float) -> None:
        self._cached_until[service_account] = self._queue.now + self._provider.warm(service_account, age)

    def restart(self) -> None:
        self._cached_until.clear()

    def _synchronise(self, pod: Pod) -> None:
        if self.cached_until(pod.service_account) >= self._queue.now:
            self._pull(pod)
        else:
            self.executions += 1
            self._provider.ask(pod.service_account, functools.partial(self._answered, pod))

    def _answered(self, pod: Pod, outcome: Union[Answer, Failure]) -> None:
        now = self._queue.now
        if isinstance(outcome, Answer):
            if outcome.cache_seconds > 0:
                self._cached_until[pod.service_account] = now + outcome.cache_seconds
            self._pull(pod)
            return
        pod.pull_failed(now)
        if outcome.certain_until - now > self.SKIP_SECONDS:
            self._skip(pod, outcome)
        else:
            self._synchronise_again(pod)

    def _pull(self, pod: Pod) -> None:
        left = pod.backoff_until - self._queue.now
        if left <= 0:
            self._meter.start(self._queue.now - pod.wanted)
        elif left > self.SKIP_SECONDS:
            self._queue.after(left + self._queue.random.random() * self.SYNC_AGAIN_MEAN, self._synchronise, pod)
        else:
            self._synchronise_again(pod)

    def _synchronise_again(self, pod: Pod) -> None:
        pause = SYNC_AGAIN_MIN + (SYNC_AGAIN_MAX - SYNC_AGAIN_MIN) * self._queue.random.random()
        self._queue.after(pause, self._synchronise, pod)

    def _skip(self, pod: Pod, failure: Failure) -> None:
        """To the pod's first synchronisation after the time until which all executions fail alike."""
        cycle = self.SYNC_AGAIN_MEAN + failure.seconds
        if failure.requests:
            self._meter.ask_often(self._queue.now + self.SYNC_AGAIN_MEAN, failure.certain_until, failure.requests / cycle)
        while pod.backoff_until + self.SYNC_AGAIN_MEAN < failure.certain_until:
            pod.pull_failed(pod.backoff_until + self._queue.random.random() * cycle)
        self._queue.at(failure.certain_until + self._queue.random.random() * cycle, self._synchronise, pod)
