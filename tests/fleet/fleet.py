#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the nodes of a cluster do to a registry, by simulation. START HERE. Prints the tables of config/scale.md.

usage: fleet.py [TABLE...] [--nodes-max N] [--seed N]
"""
import argparse
import gc
import sys
import time
from typing import Callable, Iterator, Sequence

from registry import CLOUDSMITH, ECR, RegistryModel
from scenarios import MODES, Cluster, Scenario, simulate
from simulation import Meter

MINUTE = 60.0
START_EVERY = 5 * MINUTE  # each service account starts a pod on each node, where a scenario has running nodes
CACHE = "regcred, node cache"


def join(nodes: int) -> Scenario:
    return Scenario("join", 2, joins_within=60 * MINUTE if nodes > 1000 else 10 * MINUTE)


def restart(nodes: int) -> Scenario:
    within = 30 * MINUTE if nodes > 1000 else 10 * MINUTE
    return Scenario("restart", 2, start_every=START_EVERY, kubelets_restart=(10 * MINUTE, within))


def outage(nodes: int) -> Scenario:
    return Scenario("outage", 2, start_every=START_EVERY, outage=(10 * MINUTE, 20 * MINUTE))


def outage_join(nodes: int) -> Scenario:
    return Scenario("outage-join", 2, joins_within=10 * MINUTE, outage=(2 * MINUTE, 12 * MINUTE))


def write_row(cells: Sequence[object]) -> None:
    print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |", flush=True)


def write_head(*titles: str) -> None:
    write_row(titles)
    write_row(["---" if at < 1 else "---:" for at, _ in enumerate(titles)])


def what_it_cost(meter: Meter) -> list[object]:
    return [meter.per_hour, meter.peak_minute, round(meter.pods), len(meter.delays),
            *(round(meter.delay(share)) for share in (0.5, 0.99, 1.0)), meter.waiting]


COST = ("exchanges an hour", "peak minute", "pods", "delayed", "median s", "99 % s", "worst s", "waiting")


def compare(scenario_of: Callable[[int], Scenario], rows: Sequence[tuple[Cluster, RegistryModel]], seed: int) -> None:
    """All providers in one scenario."""
    write_head("registry", "nodes", "addresses", "provider", *COST)
    for cluster, model in rows:
        for mode in MODES:
            meter = simulate(scenario_of(cluster.nodes), cluster, model, mode, seed=seed)
            write_row([model.name, cluster.nodes, cluster.addresses, mode, *what_it_cost(meter)])


def renewals(meter: Meter, model: RegistryModel) -> Iterator[int]:
    """The peak minutes of the first and the second renewal of credentials that are of the same age."""
    minutes, life = meter.requests(), model.credential_seconds / 60
    for begin, end in ((0.0, 0.5), (0.9, 1.3)):
        yield round(max(minutes[int(begin * life):int(end * life)]))


def waves(nodes_max: int, seed: int) -> None:
    """Credentials of the same age end together, unless part of their life is taken off at random."""
    write_head("registry", "nodes", "a pod every", "spread", "exchanges an hour", "peak minute, 1st renewal", "2nd renewal",
               "delayed", "99 % s")
    for nodes, every, model in ((400, 30.0, CLOUDSMITH), (10000, START_EVERY, ECR)):
        for spread in (0.0, 0.01, 0.02, 0.05, 0.1, 0.2):
            if nodes <= nodes_max:
                scenario = Scenario("waves", 1.4 * model.credential_seconds / 3600, start_every=every, same_age=0.25)
                meter = simulate(scenario, Cluster(nodes), model, CACHE, spread, seed)
                write_row([model.name, nodes, f"{every:.0f} s", f"{100 * spread:.0f} %", meter.per_hour, *renewals(meter, model),
                           len(meter.delays), round(meter.delay(0.99))])


def addresses(nodes_max: int, seed: int) -> None:
    """How many nodes may share one address."""
    write_head("nodes behind one address", "provider", *COST)
    for nodes in (100, 200, 400, 800, 1600):
        if nodes <= nodes_max:
            for mode in MODES:
                write_row([nodes, mode, *what_it_cost(simulate(join(1), Cluster(nodes), CLOUDSMITH, mode, seed=seed))])


SIZES = ((Cluster(100), CLOUDSMITH), (Cluster(1000), CLOUDSMITH), (Cluster(1000, 3), CLOUDSMITH),
         (Cluster(10000, 32), CLOUDSMITH), (Cluster(100), ECR), (Cluster(1000), ECR), (Cluster(10000), ECR))
TABLES = {
    "join": ("All nodes join within 10 min (10,000 nodes: an hour), each with 12 pods of 4 service accounts.", join, SIZES),
    "restart": ("All kubelets restart within 10 min (10,000: 30 min). A pod of each account starts on each node every 5 min.",
                restart, SIZES[:1] + SIZES[2:]),
    "outage": ("The registry is down for 10 min. A pod of each account starts on each node every 5 min.", outage,
               SIZES[:1] + SIZES[2:]),
    "outage-join": ("The registry is down for 10 min from the 2nd minute on, while all nodes join within 10 min.", outage_join,
                    (SIZES[0], SIZES[2], SIZES[5])),
}
OTHERS = {
    "waves": ("All credentials are of the same age, to a minute. With node cache; the spread is a share of their life.", waves),
    "addresses": ("Cloudsmith: all nodes join within 10 min behind one address.", addresses),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="fleet", description=__doc__.split("\n")[0])
    parser.add_argument("table", nargs="*", metavar="TABLE", help=f"{', '.join([*TABLES, *OTHERS])}; all without")
    parser.add_argument("--nodes-max", type=int, default=10000, help="leaves larger clusters out")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in options.table or [*TABLES, *OTHERS]:
        if name not in TABLES and name not in OTHERS:
            parser.error(f"{name}: not one of {', '.join([*TABLES, *OTHERS])}")
        began = time.monotonic()
        print(f"\n## {name}\n\n{(TABLES.get(name) or OTHERS[name])[0]}\n")
        if name in TABLES:
            _, scenario_of, sizes = TABLES[name]
            compare(scenario_of, [size for size in sizes if size[0].nodes <= options.nodes_max], options.seed)
        else:
            OTHERS[name][1](options.nodes_max, options.seed)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    gc.disable()  # nothing here refers to itself for long, and there are millions of objects
    sys.exit(main())
