#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many requests at once around the node cache, and processes that are killed at any moment.

usage: node_cache.py burst TREE [--at-once N]      all of one service account: one exchange
       node_cache.py mixed TREE [--at-once N]      of many accounts and entries: every answer right
       node_cache.py kills TREE [--rounds N] [--seed N]

Each prints what it saw and ends with status 1 when an answer was wrong, was not alive, or a lock stayed.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from token_service import (Asked, Reply, TokenService, configuration, entry, in_order_of_end, kubelet_request,  # noqa: E402
                           make_certificate, pod_token)

MARGIN = 30  # seconds of a credential's life that the kubelet never gets, also when it could not be renewed
LOCK_SECONDS_MAX = 10  # from a kill until the next request is answered: milliseconds, and 15 s if the lock had stayed
SCOPES = {"shared": "serviceAccount", "own": "token", "off": "off"}
# The leak check of a sanitizer's build starts a child of its own and waits for it for ever when it is killed.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0"}


class Node:
    """regcred with three entries, one for each scope, and a token service."""

    def __init__(self, tree, folder, lifetimes=(3600,), delay=0.0):
        self.folder, self.tree, self.number = pathlib.Path(folder), tree, 0
        certificate = make_certificate(folder)
        self.service = TokenService(certificate, lambda *_: Reply(lifetime=random.choice(lifetimes), delay=delay))
        entries = [entry(name, self.service, f"{name}.example.com", f"/{name}", f"maxDuration: 1h, node: {scope}")
                   for name, scope in SCOPES.items()]
        self.cache = self.folder / "cache"
        self.config = self.folder / "config.yaml"
        self.config.write_text(configuration(certificate, self.cache, entries))
        self.config.chmod(0o600)

    def start(self, name, account):
        self.number += 1
        request = kubelet_request(f"{name}.example.com/app", pod_token(account, pod=f"pod-{self.number}"))
        run = Asked(self.folder, self.number, [f"{self.tree}/bin/regcred", "--config", self.config], request, ENVIRONMENT)
        run.expected = (f"/{name}", f"default/{account}/uid-of-default-{account}")
        return run


def what_is_wrong(run):
    """Empty when `run`, which has ended by itself, is answered with a living password of its own."""
    if run.status != 0:
        return f"status {run.status}: {run.err}"
    password = run.password()
    if (password.path, password.subject) != run.expected:
        return f"the password of {password.subject} at {password.path} for {run.expected}"
    left = password.made + password.lifetime - (time.time() - (time.monotonic() - run.ended))
    if run.cache_duration() is None or run.cache_duration() > left - MARGIN + 1:
        return f"to be kept for {run.cache_duration()} s, and it lives {left:.1f} s"
    return ""


def judged(runs):
    faults = [fault for fault in map(what_is_wrong, runs) if fault]
    for fault in faults[:5]:
        print("WRONG:", fault)
    return len(faults)


def crowd(node, asked):
    begun = time.monotonic()
    runs = in_order_of_end([node.start(*each) for each in asked])
    walls = sorted((run.ended - run.begun) * 1000 for run in runs)
    print(f"{len(runs)} at once: median {statistics.median(walls):.0f} ms, longest {walls[-1]:.0f} ms, all "
          f"{(time.monotonic() - begun) * 1000:.0f} ms, {node.service.count()} exchanges")
    return runs


def burst(node, arguments):
    wrong = judged(crowd(node, [("shared", "builder")] * arguments.at_once))
    exchanges = node.service.count()
    if exchanges != 1:
        print(f"WRONG: {exchanges} exchanges instead of 1")
    return wrong + (exchanges != 1)


def mixed(node, arguments):
    names = list(SCOPES)
    asked = [(names[number % 3], f"account-{number * 7 % 10}") for number in range(arguments.at_once)]
    runs = crowd(node, asked)
    wrong = judged(runs)
    by_entry = collections.Counter(path for path, *_ in node.service.exchanges)
    expected = {"/shared": len({account for name, account in asked if name == "shared"}),
                "/own": sum(name == "own" for name, _ in asked), "/off": sum(name == "off" for name, _ in asked)}
    if by_entry != expected:
        print(f"WRONG: exchanges {dict(by_entry)} instead of {expected}")
    return wrong + (by_entry != expected)


def children_of(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Kills:
    """Rounds of some requests of a few keys, some of which, or whose workers, are killed. Credentials live for so short
    that the cache must find several of them too old in every run."""

    def __init__(self, node, seed):
        self.node, self.random = node, random.Random(seed)
        self.wrong, self.late, self.killed, self.workers_killed, self.answers = 0, 0, 0, 0, 0

    def round(self):
        chance = self.random
        asked = [(chance.choice(("shared", "shared", "own")), f"account-{chance.randrange(3)}") for _ in range(chance.randrange(2, 6))]
        victims = {}
        runs = []
        for each in asked:
            run = self.node.start(*each)
            runs.append(run)
            if chance.random() < 0.5:
                victims[run] = chance.random() < 0.3  # its worker only
            if chance.random() < 0.3:
                time.sleep(chance.uniform(0, 0.004))
        for run, worker_only in victims.items():
            time.sleep(chance.uniform(0, 0.006))
            self.kill(run, worker_only)
        for run in in_order_of_end(runs):
            if run.status == -signal.SIGKILL:
                continue
            self.answers += 1
            hit_by_us = run.status == 6 and "signal 9" in run.err  # a worker that was killed is reported, and adopted
            if not hit_by_us:
                self.wrong += judged([run])
        self.look_for_locks(asked[0])

    def kill(self, run, worker_only):
        if worker_only:
            for worker in children_of(run.process.pid):
                try:
                    os.kill(worker, signal.SIGKILL)
                    self.workers_killed += 1
                except ProcessLookupError:
                    pass
        elif run.process.poll() is None:
            run.process.kill()
            self.killed += 1

    def look_for_locks(self, each):
        run = self.node.start(*each).end()
        self.wrong += judged([run])
        if run.ended - run.begun > LOCK_SECONDS_MAX:
            self.late += 1
            print(f"LATE: {run.ended - run.begun:.2f} s after a kill")


def kills(node, arguments):
    model = Kills(node, arguments.seed)
    begun = time.monotonic()
    for number in range(arguments.rounds):
        model.round()
        if (number + 1) % 1000 == 0:
            print(f"  {number + 1} rounds, {model.answers} answers, {model.wrong} wrong, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{arguments.rounds} rounds with seed {arguments.seed}: {model.killed} processes and {model.workers_killed} workers killed, "
          f"{model.answers} answers and {node.service.count()} exchanges, {model.wrong} wrong, {model.late} late")
    too_few = model.killed + model.workers_killed < arguments.rounds / 3
    if too_few:
        print("WRONG: most had ended before they were killed: this shows little")
    left = [path for path in node.cache.rglob("*.tmp")]
    print(f"{len(left)} temporary files are left for the sweep")
    return model.wrong + model.late + too_few


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("burst", "mixed", "kills"))
    parser.add_argument("tree")
    parser.add_argument("--at-once", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    arguments.at_once = arguments.at_once or {"burst": 200, "mixed": 1000}.get(arguments.what, 0)
    folder = tempfile.mkdtemp(prefix="regcred-node-cache-")
    try:
        # The kubelet may keep what lives 80 s for 12 to 20 s, and the cache serves it for half of that.
        node = Node(arguments.tree, folder, **({"lifetimes": range(64, 90), "delay": 0.001} if arguments.what == "kills" else {"delay": 0.05}))
        return 1 if {"burst": burst, "mixed": mixed, "kills": kills}[arguments.what](node, arguments) else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    threading.stack_size(256 << 10)  # a thread for each request
    sys.exit(main())
