#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The simulation's parts against numbers counted by hand, and what must hold of every run.

usage: fleet_test.py [unittest's arguments]
"""
import pathlib
import subprocess
import sys
import unittest
from typing import Callable, Union

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from kubelet import Kubelet, Pod  # noqa: E402
from measured import BURST_EXECUTIONS, BURST_PODS, PEER_RETRIES, POD_SPACING, REGCRED_RETRIES, NodeSettings  # noqa: E402
from provider import Answer, Answered, Failure, Peer, Regcred, Site, ThrottleMemory, pause_before  # noqa: E402
from registry import CLOUDSMITH, ECR, UNLIMITED, Refusal, Registry, RegistryModel, SlidingWindow, TokenBucket  # noqa: E402
from scenarios import MODES, Cluster, Fleet, Scenario, simulate  # noqa: E402
from simulation import EventQueue, Meter  # noqa: E402

CACHE = "regcred, node cache"


class World:
    """One node."""

    def __init__(self, make: Callable[[Site], Union[Peer, Regcred]], model: RegistryModel = UNLIMITED,
                 outage: tuple[float, float] = (1e9, 1e9)) -> None:
        self.queue, self.meter = EventQueue(seed=1), Meter(hours=48)
        self.provider = make(Site(self.queue, self.meter, Registry(model, outage)))
        self.kubelet = Kubelet(self.queue, self.meter, self.provider)

    def start(self, *times: float) -> "World":
        for time in times:
            self.queue.at(time, self.kubelet.start, 0)
        return self

    def exchanges_until(self, time: float) -> int:
        self.queue.run(time)
        return self.meter.exchanges


def with_cache(site: Site) -> Regcred:
    return Regcred(site, NodeSettings(node_cache=True, spread=0.0))


def without_cache(site: Site) -> Regcred:
    return Regcred(site, NodeSettings(node_cache=False, spread=0.0))


class EventQueueAndMeter(unittest.TestCase):
    def test_events_happen_in_the_order_of_their_times_and_then_of_their_plan(self) -> None:
        queue, seen = EventQueue(1), []
        for time, name in ((2.0, "c"), (1.0, "a"), (1.0, "b"), (9.0, "late")):
            queue.at(time, seen.append, name)
        queue.run(5.0)
        self.assertEqual((seen, queue.now), (["a", "b", "c"], 5.0))

    def test_requests_counted_by_their_rate_fall_into_their_minutes(self) -> None:
        meter = Meter(hours=1)
        meter.ask_often(30.0, 200.0, per_second=2.0)
        meter.ask(65.0)
        self.assertEqual([round(count) for count in meter.requests()[:5]], [60, 121, 120, 40, 0])
        self.assertEqual((meter.exchanges, meter.peak_minute), (341, 121))

    def test_delays_are_those_of_delayed_pods(self) -> None:
        meter = Meter(hours=1)
        for delay in (0.0, 0.3, *range(10, 110)):
            meter.start(delay)
        self.assertEqual((len(meter.delays), meter.delay(0.5), meter.delay(0.99), meter.delay(1.0)), (100, 60, 109, 109))


class Limits(unittest.TestCase):
    def test_a_sliding_window_admits_again_when_the_oldest_request_leaves_it(self) -> None:
        window = SlidingWindow(limit=2, window=100)
        self.assertEqual([window.take(time) for time in (0.0, 40.0, 50.0, 99.0, 100.0, 101.0)],
                         [None, None, 100.0, 100.0, None, 140.0])

    def test_a_token_bucket_gives_its_burst_and_then_its_rate(self) -> None:
        bucket = TokenBucket(rate=2, burst=3)
        self.assertEqual([bucket.take(0.0) for _ in range(4)], [None, None, None, 0.5])
        self.assertEqual([bucket.take(time) for time in (0.5, 0.75, 1.0, 100.0)], [None, 1.0, None, None])

    def test_who_is_counted_together(self) -> None:
        cloudsmith, ecr = Registry(CLOUDSMITH), Registry(ECR)
        for _ in range(1800):
            self.assertIsNone(cloudsmith.exchange(0, 10.0))
        refusal = cloudsmith.exchange(0, 310.0)
        self.assertEqual(refusal, Refusal(True, retry_after=3300, certain_until=3610.0))
        self.assertIsNone(cloudsmith.exchange(1, 310.0))
        self.assertEqual([ecr.exchange(node, 0.0) is None for node in range(201)], [True] * 200 + [False])


class Retrying(unittest.TestCase):
    def test_a_peer_asks_three_times_whatever_retry_after_says(self) -> None:
        throttled = Refusal(True, retry_after=3304)
        self.assertEqual([pause_before(n, throttled, PEER_RETRIES, 60, 0.0) for n in (2, 3, 4)], [1.0, 2.0, None])

    def test_regcred_obeys_what_fits_into_its_deadline(self) -> None:
        pauses = [pause_before(2, Refusal(True, seconds), REGCRED_RETRIES, 44.0, 0.5) for seconds in (None, 3, 3304)]
        self.assertEqual(pauses, [0.25, 3, None])
        self.assertIsNone(pause_before(2, Refusal(True, status_400=True), REGCRED_RETRIES, 44.0, 0.5))
        self.assertEqual([pause_before(n, Refusal(False), REGCRED_RETRIES, 44.0, 0.0) for n in (2, 3, 4, 5)],
                         [0.5, 1.0, 2.0, None])


class Throttling(unittest.TestCase):
    def test_the_memory_believes_the_registry_up_to_an_hour_and_adds_a_tenth_at_most(self) -> None:
        for asked, fraction, expected in ((3304, 0.0, 3304), (3304, 1.0, 3634.4), (86400, 0.0, 3600), (0, 0.0, 0)):
            memory = ThrottleMemory(NodeSettings(node_cache=False))
            memory.remember(100.0, asked, fraction)
            self.assertAlmostEqual(memory.until - 100.0, expected)

    def test_without_a_word_of_the_registry_it_doubles_from_5_to_60_seconds(self) -> None:
        memory, waits = ThrottleMemory(NodeSettings(node_cache=False)), []
        for _ in range(6):
            memory.remember(0.0, None, 0.0)
            waits.append(memory.until)
        self.assertEqual(waits, [5, 10, 20, 40, 60, 60])
        memory.forget()
        memory.remember(0.0, None, 0.0)
        self.assertEqual(memory.until, 5)

    def test_one_429_silences_the_node_until_its_end_and_one_probe_goes_first(self) -> None:
        world = World(with_cache, RegistryModel("strict", 7200, 0.9, lambda: SlidingWindow(1, 3000), True, True))
        world.start(0.0, 1.0)                                  # one admitted; the kubelet reuses it
        self.assertEqual(world.exchanges_until(2.0), 1)
        world.kubelet.restart()
        world.provider.entries.clear()
        world.start(10.0, *(20.0 + pod for pod in range(10)))  # one refused, ten not sent
        self.assertEqual(world.exchanges_until(2900.0), 2)
        self.assertEqual(world.exchanges_until(3700.0), 3)     # the probe, and the kubelet has its answer for the rest
        self.assertEqual(world.meter.waiting, 0)


class TheKubelet(unittest.TestCase):
    def test_the_back_off_of_a_pull(self) -> None:
        pod, now, waits = Pod(0, 0.0), 0.0, []
        for _ in range(7):
            pod.pull_failed(now)
            pod.pull_failed(pod.backoff_until - 1)  # no pull in back-off
            waits.append(pod.backoff_until - now)
            now = pod.backoff_until
        self.assertEqual(waits, [10, 20, 40, 80, 160, 300, 300])

    def test_17_of_20_pods_that_start_together_run_the_provider(self) -> None:
        for make in (Peer, without_cache, with_cache):
            world = World(make).start(*(1.0 + pod * POD_SPACING for pod in range(BURST_PODS)))
            exchanges = world.exchanges_until(60.0)
            self.assertEqual(world.kubelet.executions, BURST_EXECUTIONS)
            self.assertEqual(exchanges, 1 if make is with_cache else BURST_EXECUTIONS)
            self.assertEqual((world.meter.started, world.meter.delays), (20, []))

    def test_pods_one_after_the_other_run_it_once_until_the_cache_duration_ends(self) -> None:
        for make, lives in ((Peer, 3240), (with_cache, 3240)):  # an hour less a tenth
            world = World(make).start(10.0, 1000.0, 10.3 + lives - 1)
            self.assertEqual(world.exchanges_until(10.3 + lives), 1)
            world.start(10.3 + lives + 1)
            self.assertEqual(world.exchanges_until(10.3 + lives + 10), 2)

    def test_a_pod_in_back_off_runs_the_provider_every_10_to_15_seconds(self) -> None:
        asked: list[float] = []

        class Refusing:
            reusable_seconds = 0.0

            def ask(self, service_account: int, answered: Answered) -> None:
                asked.append(queue.now)
                answered(Failure())

        queue = EventQueue(1)
        kubelet = Kubelet(queue, Meter(1), Refusing())  # type: ignore[arg-type]
        queue.at(1.0, kubelet.start, 0)
        queue.run(600.0)
        pauses = [later - earlier for earlier, later in zip(asked, asked[1:])]
        self.assertTrue(all(10 <= pause <= 15 for pause in pauses), pauses)
        self.assertTrue(40 <= len(asked) <= 60, len(asked))

    def test_a_pod_that_got_its_credential_in_back_off_starts_after_it(self) -> None:
        world = World(without_cache, outage=(0.0, 100.0)).start(1.0)
        world.queue.run(600.0)
        (delay,) = world.meter.delays
        self.assertTrue(99 < delay < 190, delay)  # failed pulls at about 4, 16, 40 and 82 s, then 80 s of back-off


class TheNodeCache(unittest.TestCase):
    def test_it_outlives_the_kubelet(self) -> None:
        world = World(with_cache).start(1.0)
        self.assertEqual(world.exchanges_until(1000.0), 1)
        world.kubelet.restart()
        world.start(1001.0)
        self.assertEqual(world.exchanges_until(2000.0), 1)
        self.assertAlmostEqual(world.kubelet.cached_until(0), 1.3 + 3240)  # not prolonged

    def test_each_service_account_has_its_own_entry(self) -> None:
        world = World(with_cache)
        for pod in range(50):
            world.queue.at(1.0 + 0.001 * pod, world.kubelet.start, pod % 5)
        self.assertEqual(world.exchanges_until(60.0), 5)

    def test_the_old_entry_helps_while_the_registry_is_down(self) -> None:
        world = World(with_cache, outage=(3200.0, 3500.0)).start(1.0, 3300.0, 3580.0)
        world.queue.run(4000.0)
        self.assertEqual((world.meter.started, world.meter.delays), (3, []))
        # Four attempts at 3300 s; then until 30 s before the end of the hour, which a pod at 3580 s finds over.
        self.assertEqual(world.meter.exchanges, 1 + 4 + 1)

    def test_those_who_wait_for_an_exchange_share_its_failure(self) -> None:
        world = World(with_cache, outage=(0.0, 1e6)).start(*(1.0 + pod / 100 for pod in range(10)))
        self.assertEqual(world.exchanges_until(9.0), 4)

    def test_the_spread_shortens_what_the_kubelet_is_told_always_alike_for_one_account_of_a_node(self) -> None:
        for node_cache in (False, True):
            queue = EventQueue(1)
            provider = Regcred(Site(queue, Meter(1), Registry(UNLIMITED)), NodeSettings(node_cache, spread=0.1))
            told: list[float] = []
            for account in (*range(20), *range(20)):
                provider.entries.clear()
                provider.ask(account, lambda answer: told.append(round(answer.cache_seconds)))  # type: ignore[union-attr]
                queue.run(queue.now + 1.0)
            self.assertEqual(told[:20], told[20:])
            if node_cache:
                self.assertTrue(3240 - 360 <= min(told) < max(told) <= 3240 and len(set(told)) > 15, told)
            else:
                self.assertEqual(set(told), {3240})


SCENARIOS = (Scenario("join", 2, joins_within=300), Scenario("restart", 2, start_every=300, kubelets_restart=(600, 300)),
             Scenario("outage", 2, start_every=120, outage=(600, 1200)),
             Scenario("outage while nodes join", 2, joins_within=300, outage=(100, 700)),
             Scenario("waves", 2, start_every=30, same_age=0.25))
SCARCE = RegistryModel("scarce", 3600, 0.9, lambda: SlidingWindow(150, 3600), True, True)
SLOW = RegistryModel("slow", 3600, 0.9, lambda: TokenBucket(0.5, 5), False, False, throttles_with_400=True)


class WhatMustHold(unittest.TestCase):
    def test_the_node_cache_never_makes_more_exchanges_than_none(self) -> None:
        """But for its spread, which renews earlier: at most 6 % more in the long run."""
        for scenario in SCENARIOS:
            for model in (UNLIMITED, SCARCE, SLOW):
                for seed in range(3):
                    with self.subTest(scenario=scenario.name, registry=model.name, seed=seed):
                        without, cached = (simulate(scenario, Cluster(40), model, mode, 0.0, seed) for mode in ("regcred", CACHE))
                        # Which pods start is drawn anew for each run: where nothing is saved, the numbers differ by chance.
                        self.assertLessEqual(cached.exchanges, 1.02 * without.exchanges + 3 * without.exchanges ** 0.5)

    def test_throttled_regcred_asks_less_than_a_tenth_of_what_peers_ask(self) -> None:
        peers, regcred = (simulate(SCENARIOS[0], Cluster(40), SCARCE, mode) for mode in ("peers", "regcred"))
        self.assertLess(10 * regcred.exchanges, peers.exchanges)
        self.assertLess(abs(regcred.waiting - peers.waiting), 0.1 * peers.pods)

    def test_a_joining_fleet_with_node_cache_asks_once_for_each_account_of_each_node(self) -> None:
        self.assertEqual(simulate(SCENARIOS[0], Cluster(40), UNLIMITED, CACHE).exchanges, 40 * 4)
        self.assertEqual(simulate(SCENARIOS[0], Cluster(40), UNLIMITED, "peers").exchanges, 40 * 12)

    def test_the_spread_flattens_renewals(self) -> None:
        peaks = [simulate(SCENARIOS[4], Cluster(200), UNLIMITED, CACHE, spread).peak_minute for spread in (0.0, 0.05, 0.1)]
        self.assertTrue(peaks[0] > 1.5 * peaks[1] > 1.5 * 1.5 * peaks[2], peaks)

    def test_every_pod_that_started_is_counted(self) -> None:
        for scenario in SCENARIOS:
            for mode in MODES:
                meter = simulate(scenario, Cluster(20), UNLIMITED, mode)
                self.assertLessEqual(meter.waiting, 1, (scenario.name, mode))
                self.assertGreaterEqual(meter.started, 240 if scenario.joins_within else 20 * 4 * 2 * 12 * 0.9)

    def test_the_same_seed_gives_the_same_numbers(self) -> None:
        runs = [simulate(SCENARIOS[3], Cluster(30), SCARCE, CACHE, seed=seed) for seed in (7, 7, 8)]
        self.assertEqual(runs[0].requests(), runs[1].requests())
        self.assertEqual(runs[0].delays, runs[1].delays)
        self.assertNotEqual(runs[0].delays, runs[2].delays)

    def test_counting_by_rate_agrees_with_counting_one_by_one(self) -> None:
        counts = []
        for seconds in (Kubelet.SKIP_SECONDS, 1e9):
            fleet = Fleet(SCENARIOS[0], Cluster(40), SCARCE, "peers")
            usual, Kubelet.SKIP_SECONDS = Kubelet.SKIP_SECONDS, seconds
            try:
                counts.append(fleet.run())
            finally:
                Kubelet.SKIP_SECONDS = usual
        by_rate, one_by_one = counts
        self.assertLess(abs(by_rate.exchanges / one_by_one.exchanges - 1), 0.02)
        self.assertLess(abs(by_rate.delay(0.5) / one_by_one.delay(0.5) - 1), 0.03)

    def test_the_tables_of_the_document_are_these(self) -> None:
        """After an intended change: paste the output of ./dev fleet into config/scale.md."""
        command = [sys.executable, "-B", HERE / "fleet.py", "--nodes-max", "400"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        written = (HERE.parents[1] / "config/scale.md").read_text().splitlines()
        self.assertEqual([line for line in printed if line.startswith("|") and line not in written], [])


if __name__ == "__main__":
    unittest.main()
