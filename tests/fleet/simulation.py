# SPDX-License-Identifier: Apache-2.0
"""A clock that jumps from event to event, and what is counted meanwhile."""
import heapq
import itertools
import math
import random
from typing import Any, Callable


class EventQueue:
    """Simulated time. Events of the same moment happen in the order in which they were planned."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.random = random.Random(seed)
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []

    def at(self, time: float, action: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._events, (time, next(self._order), action, arguments))

    def after(self, seconds: float, action: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._order), action, arguments))

    def run(self, until: float) -> None:
        events, pop = self._events, heapq.heappop
        while events and events[0][0] <= until:
            self.now, _, action, arguments = pop(events)
            action(*arguments)
        self.now = until


class Meter:
    """Requests that reached the registry, by minute, and how long pods waited for a credential."""

    DELAYED_SECONDS = 5.0  # less than one back-off of the kubelet: the pod was started at its first attempt

    def __init__(self, hours: float) -> None:
        self.hours = hours
        self.asked = [0.0] * (int(hours * 60) + 1)
        self._rate_begins = [0.0] * (len(self.asked) + 1)  # requests a minute more (or fewer) from this minute on
        self.granted = 0
        self.pods = 0.0
        self.started = 0.0
        self.delays: list[float] = []  # of pods that were delayed

    def ask(self, time: float) -> None:
        self.asked[int(time) // 60] += 1

    def ask_often(self, start: float, end: float, per_second: float) -> None:
        """Requests between two times that are counted by their rate, not one by one."""
        end = min(end, len(self.asked) * 60.0 - 1)
        if end <= start:
            return
        first, last = int(start) // 60, int(end) // 60
        if first == last:
            self.asked[first] += per_second * (end - start)
            return
        self.asked[first] += per_second * (60 * (first + 1) - start)
        self.asked[last] += per_second * (end - 60 * last)
        self._rate_begins[first + 1] += 60 * per_second
        self._rate_begins[last] -= 60 * per_second

    def start(self, delay: float) -> None:
        self.started += 1
        if delay > self.DELAYED_SECONDS:
            self.delays.append(delay)

    def start_at_once(self, pods: float) -> None:
        """Pods for which the kubelet had a credential already."""
        self.pods += pods
        self.started += pods

    # ---- what the tables show ----

    def requests(self) -> list[float]:
        """By minute."""
        return [one_by_one + by_rate for one_by_one, by_rate in zip(self.asked, itertools.accumulate(self._rate_begins))]

    @property
    def exchanges(self) -> int:
        return round(math.fsum(self.requests()))

    @property
    def per_hour(self) -> int:
        return round(math.fsum(self.requests()) / self.hours)

    @property
    def peak_minute(self) -> int:
        return round(max(self.requests()))

    @property
    def waiting(self) -> int:
        return round(self.pods - self.started)

    def delay(self, share: float) -> float:
        """The delay that this share of the delayed pods does not exceed; 0 when no pod was delayed."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
