#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The simulation against the program: what the simulated kubelet runs, fifty real processes do, and the emulated
Cloudsmith counts their exchanges. Both numbers must agree, for each service account.

usage: real_test.py TREE EMULATOR
"""
import collections
import concurrent.futures
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Callable, NamedTuple, Optional

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from kubelet import Kubelet  # noqa: E402
from measured import NodeSettings  # noqa: E402
from provider import Answered, Regcred, Site  # noqa: E402
from registry import Refusal, Registry, RegistryModel, NoLimit  # noqa: E402
from simulation import EventQueue, Meter  # noqa: E402
from world import IMAGE, World  # noqa: E402

# The program has both memories as soon as this part of its source exists.
HAS_NODE_MEMORY = (HERE.parents[1] / "core/dispatch/caching_runner.cpp").exists()
ACCOUNTS = 5
EXCHANGE_SECONDS = 0.5  # the emulator takes this long too
MODEL = RegistryModel("emulator", 7200, 0.9, NoLimit, True, True)


class Run(NamedTuple):
    """One execution that the kubelet starts."""
    time: float
    service_account: int


class Throttling(Registry):
    """Wants nobody for nearly an hour."""

    def exchange(self, address: int, now: float) -> Optional[Refusal]:
        return Refusal(throttled=True, retry_after=3304, certain_until=now + 3304)


class Recorder(Regcred):
    """regcred's model, which also records when it is run, and for which account each request is."""

    def __init__(self, site: Site, settings: NodeSettings) -> None:
        super().__init__(site, settings)
        self.runs: list[Run] = []
        self.cache_durations: set[int] = set()

    def ask(self, service_account: int, answered: Answered) -> None:
        self.runs.append(Run(self._site.queue.now, service_account))
        super().ask(service_account, answered)


def burst(queue: EventQueue, kubelet: Kubelet) -> None:
    """Fifty pods start together, ten of each account."""
    for pod in range(50):
        queue.at(0.01 * pod, kubelet.start, pod % ACCOUNTS)


def one_by_one(queue: EventQueue, kubelet: Kubelet) -> None:
    """Fifty pods, each after the one before has its image: the kubelet runs the provider for five of them."""
    for pod in range(50):
        queue.at(pod, kubelet.start, pod % ACCOUNTS)


def restarts(queue: EventQueue, kubelet: Kubelet) -> None:
    """The kubelet restarts before each five pods: fifty runs."""
    for pod in range(50):
        if pod % ACCOUNTS == 0:
            queue.at(pod // ACCOUNTS, kubelet.restart)
        queue.at(pod // ACCOUNTS + 0.02 * (pod % ACCOUNTS), kubelet.start, pod % ACCOUNTS)


def one_then_ten(queue: EventQueue, kubelet: Kubelet) -> None:
    """Ten pods of all accounts start after the first one's answer."""
    queue.at(0.0, kubelet.start, 0)
    for pod in range(10):
        queue.at(4.0 + 0.1 * pod, kubelet.start, pod % ACCOUNTS)


def ten_of_one(queue: EventQueue, kubelet: Kubelet) -> None:
    """Ten pods of one account start together."""
    for pod in range(10):
        queue.at(0.01 * pod, kubelet.start, 0)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    pods: Callable[[EventQueue, Kubelet], None]  # which start when
    until: float                                 # of the simulated time: before the kubelet asks again
    requests: tuple[int, int]                    # counted by hand: without and with node cache
    registry: Callable[[], Registry] = lambda: Registry(MODEL)
    fault: Optional[dict[str, object]] = None    # of the emulator


CASES = (
    Case("fifty pods at once", burst, 60, (50, 5)),
    Case("fifty pods one by one", one_by_one, 60, (5, 5)),
    Case("ten restarts of the kubelet", restarts, 60, (50, 5)),
    Case("throttled", one_then_ten, 9, (1, 1), lambda: Throttling(MODEL), {"status": 429, "retry_after": "3304", "body": "{}"}),
    Case("down", ten_of_one, 9, (40, 4), lambda: Registry(MODEL, (0, 1000)), {"status": 503, "body": "{}"}),
)


def simulate(case: Case, node_cache: bool) -> tuple[list[Run], int]:
    """What the simulated kubelet runs, and how many requests the registry sees."""
    queue, meter = EventQueue(seed=1), Meter(hours=1)
    provider = Recorder(Site(queue, meter, case.registry(), exchange_seconds=EXCHANGE_SECONDS), NodeSettings(node_cache))
    case.pods(queue, Kubelet(queue, meter, provider))
    queue.run(case.until)
    return provider.runs, meter.exchanges


class Node(World):
    """A node whose kubelet runs regcred."""

    def prepare(self) -> None:
        self.tokens = [self.token(service_account=f"account-{account}") for account in range(ACCOUNTS)]

    def configure(self, name: str, node_cache: bool) -> str:
        memory = ""
        if HAS_NODE_MEMORY:
            memory = (f"  throttleDirectory: {self.folder}/{name}-throttle\n"
                      f"  nodeCache: {{ directory: {self.folder}/{name}-cache, requireTmpfs: false }}\n")
        cache = "    cache: { node: serviceAccount }\n" if node_cache else ""
        return self.write(f"{name}.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults:
  caFile: {self.ca}
  proxy: none
  requestLog: "off"
{memory}registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io"]
    backend: cloudsmith
    audience: cloudsmith
    settings: {{ orgSlug: iduffy-demo, serviceSlug: default-v9ty, apiHost: "{self.api_host}" }}
{cache}""")

    def play(self, runs: list[Run], config: str) -> list[subprocess.CompletedProcess[str]]:
        """Starts each process when the simulated kubelet does."""
        began = time.monotonic()

        def one(run: Run) -> subprocess.CompletedProcess[str]:
            time.sleep(max(0.0, began + run.time - runs[0].time - time.monotonic()))
            request = self.request(IMAGE, token=self.tokens[run.service_account])
            return subprocess.run(self.regcred("--config", config), input=request, capture_output=True, text=True,
                                  timeout=60, env={"PATH": "/usr/bin:/bin"})

        with concurrent.futures.ThreadPoolExecutor(len(runs)) as threads:
            return list(threads.map(one, runs))


def compare(node: Node, case: Case, node_cache: bool) -> Optional[str]:
    """None, or how simulation and program differ."""
    runs, expected = simulate(case, node_cache)
    if expected != case.requests[node_cache]:
        return f"the simulation counts {expected} requests, by hand they are {case.requests[node_cache]}"
    fault: dict[str, object] = {"delay_ms": int(1000 * EXCHANGE_SECONDS), **(case.fault or {})}
    node.steer("PUT", "/emulator/fault", fault)
    before = len(node.received())
    outcomes = node.play(runs, node.configure(f"{case.pods.__name__}-{node_cache}", node_cache))
    received = node.received()[before:]
    if len(received) != expected:
        said = collections.Counter(outcome.stderr.strip()[:300] for outcome in outcomes)
        return f"{len(runs)} processes made {len(received)} requests, the simulation says {expected}: {said.most_common(3)}"
    answered = [outcome for outcome in outcomes if outcome.returncode == 0]
    if len(answered) != (0 if case.fault else len(runs)):
        return f"{len(answered)} of {len(runs)} processes gave a credential: {outcomes[0].stderr}"
    return next((wrong for outcome in answered if (wrong := wrong_duration(outcome.stdout))), None)


def wrong_duration(answer: str) -> Optional[str]:
    """Between what the simulation lets the kubelet cache, less the whole spread and the seconds of this test, and that."""
    site = Site(EventQueue(1), Meter(1), Registry(MODEL))
    longest = Regcred(site, NodeSettings(node_cache=True)).reusable_seconds
    seconds = float(json.loads(answer)["cacheDuration"].removesuffix("s"))
    shortest = longest - NodeSettings(True).spread * MODEL.credential_seconds - 60
    return None if shortest <= seconds <= longest else f"cacheDuration {seconds}, expected {shortest} to {longest}"


def main(tree: str, emulator: str) -> int:
    failures = 0
    with tempfile.TemporaryDirectory(prefix="regcred-fleet-") as folder, Node(folder, tree, emulator) as node:
        node.prepare()
        for case in CASES:
            for node_cache in (False, True):
                needs_memory = node_cache or case.name == "throttled"
                if needs_memory and not HAS_NODE_MEMORY:
                    print(f"{case.name}: not compared, this regcred has no memory on the node")
                    continue
                wrong = compare(node, case, node_cache)
                failures += wrong is not None
                print(f"{case.name}, {'with' if node_cache else 'without'} node cache: {wrong or 'agree'}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
