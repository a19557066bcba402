# SPDX-License-Identifier: Apache-2.0
"""What happens to a cluster: nodes that join, pods that start, kubelets that restart, a registry that is down."""
import dataclasses
import math
from typing import Callable, Optional

from kubelet import Kubelet, Provider
from measured import POD_SPACING, NodeSettings
from provider import Peer, Regcred, Site
from registry import Registry, RegistryModel
from simulation import EventQueue, Meter

MODES: dict[str, Callable[[Site, float], Provider]] = {
    "peers": lambda site, spread: Peer(site),
    "regcred": lambda site, spread: Regcred(site, NodeSettings(node_cache=False, spread=spread)),
    "regcred, node cache": lambda site, spread: Regcred(site, NodeSettings(node_cache=True, spread=spread)),
}


@dataclasses.dataclass(frozen=True)
class Cluster:
    nodes: int
    addresses: int = 1         # that the registry sees
    service_accounts: int = 4  # whose pods run on each node
    pods: int = 3              # of each of them on each node, that start when it joins


@dataclasses.dataclass(frozen=True)
class Scenario:
    """Times in seconds. Without `joins_within` the nodes run already, and have credentials of all ages."""
    name: str
    hours: float
    joins_within: Optional[float] = None     # all nodes join (or boot) in this time, each with all of its pods
    start_every: Optional[float] = None      # each service account starts a pod on each node, on average
    kubelets_restart: Optional[tuple[float, float]] = None  # begin, and the time in which all of them do
    outage: Optional[tuple[float, float]] = None            # of the registry: begin and end
    # The credentials of all nodes are of the same age, within a minute. This is when they end, as a share of their life.
    same_age: Optional[float] = None


class SteadyStarts:
    """Pods of one service account that start on one node at random times. Those for which the kubelet has a credential
    are counted, not simulated."""

    def __init__(self, queue: EventQueue, meter: Meter, kubelet: Kubelet, service_account: int, every: float,
                 restart_at: float) -> None:
        self._queue, self._meter, self._kubelet = queue, meter, kubelet
        self._service_account, self._every, self._restart_at = service_account, every, restart_at
        self._plan(queue.now)

    def _plan(self, after: float) -> None:
        self._queue.at(after + self._queue.random.expovariate(1.0 / self._every), self._start)

    def _start(self) -> None:
        now = self._queue.now
        cached_until = self._kubelet.cached_until(self._service_account)
        self._kubelet.start(self._service_account)
        if cached_until <= now:
            self._plan(now)
            return
        until = min(cached_until, self._restart_at) if now < self._restart_at else cached_until
        end = min(until, self._meter.hours * 3600)
        self._meter.start_at_once(max(0.0, end - now) / self._every)
        self._plan(until)


class Fleet:
    """All nodes of a cluster, and one registry."""

    def __init__(self, scenario: Scenario, cluster: Cluster, model: RegistryModel, mode: str, spread: float = NodeSettings.spread,
                 seed: int = 1) -> None:
        self._scenario, self._cluster, self._mode, self._spread = scenario, cluster, mode, spread
        self.queue, self.meter = EventQueue(seed), Meter(scenario.hours)
        self._registry = Registry(model, scenario.outage)
        for node in range(cluster.nodes):
            self._add_node(node % cluster.addresses)
        if scenario.joins_within is None and scenario.same_age is None:
            renewals = cluster.nodes * cluster.service_accounts / cluster.addresses / (0.9 * model.credential_seconds / 3600)
            for address in range(cluster.addresses):
                self._registry.fill(address, renewals)

    def run(self) -> Meter:
        self.queue.run(self._scenario.hours * 3600)
        return self.meter

    def _add_node(self, address: int) -> None:
        scenario, random = self._scenario, self.queue.random
        provider = MODES[self._mode](Site(self.queue, self.meter, self._registry, address), self._spread)
        kubelet = Kubelet(self.queue, self.meter, provider)
        if scenario.joins_within is not None:
            self.queue.at(random.random() * scenario.joins_within, self._join, kubelet)
            return
        self._warm(kubelet, provider)
        restart_at = math.inf
        if scenario.kubelets_restart:
            begin, within = scenario.kubelets_restart
            restart_at = begin + random.random() * within
            self.queue.at(restart_at, kubelet.restart)
        self._start_steadily(kubelet, restart_at)

    def _join(self, kubelet: Kubelet) -> None:
        """Pods of the service accounts in turn, as fast as the kubelet starts them."""
        cluster = self._cluster
        for pod in range(cluster.pods * cluster.service_accounts):
            self.queue.after(pod * POD_SPACING, kubelet.start, pod % cluster.service_accounts)
        self._start_steadily(kubelet, math.inf)

    def _warm(self, kubelet: Kubelet, provider: Provider) -> None:
        random, model = self.queue.random, self._registry.model
        for service_account in range(self._cluster.service_accounts):
            if self._scenario.same_age is None:
                age = random.random() * provider.reusable_seconds
            else:
                age = provider.reusable_seconds - self._scenario.same_age * model.credential_seconds + random.random() * 60
            kubelet.warm(service_account, age)

    def _start_steadily(self, kubelet: Kubelet, restart_at: float) -> None:
        if self._scenario.start_every is None:
            return
        for service_account in range(self._cluster.service_accounts):
            SteadyStarts(self.queue, self.meter, kubelet, service_account, self._scenario.start_every, restart_at)


def simulate(scenario: Scenario, cluster: Cluster, model: RegistryModel, mode: str, spread: float = NodeSettings.spread, seed: int = 1) -> Meter:
    return Fleet(scenario, cluster, model, mode, spread, seed).run()
