#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the simulation takes from regcred's sources stands there still.

usage: drift_test.py SOURCE_DIRECTORY
"""
import pathlib
import re
import sys
from typing import Iterator, NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from measured import MARGIN_SECONDS_MIN, MARGIN_SHARE, REGCRED_RETRIES, USEFUL_ATTEMPT, NodeSettings  # noqa: E402

NODE = NodeSettings(node_cache=True)


class Constant(NamedTuple):
    file: str
    pattern: str    # its groups are numbers
    expected: tuple[float, ...]


CONSTANTS = (
    Constant("core/common/registry_config.hpp", r"attempts_max = (\d+);", (REGCRED_RETRIES.attempts_max,)),
    Constant("core/common/registry_config.hpp", r"backoff_base_ms = ([\d']+);", (1000 * REGCRED_RETRIES.backoff_first,)),
    Constant("core/common/registry_config.hpp", r"backoff_factor = ([\d.]+);", (REGCRED_RETRIES.backoff_factor,)),
    Constant("core/common/registry_config.hpp", r"backoff_jitter = ([\d.]+);", (REGCRED_RETRIES.backoff_jitter,)),
    Constant("core/common/registry_config.hpp", r"backoff_cap_ms = ([\d']+);", (1000 * REGCRED_RETRIES.backoff_max,)),
    Constant("core/common/limits.hpp", r"deadline_default_ms = ([\d']+);", (1000 * REGCRED_RETRIES.deadline,)),
    Constant("core/services/http/retry.cpp", r"useful_attempt_ms = ([\d']+);", (1000 * USEFUL_ATTEMPT,)),
    Constant("core/dispatch/cache_hint.cpp", r"std::max<std::int64_t>\((\d+), lifetime_seconds / (\d+)\)",
             (MARGIN_SECONDS_MIN, 1 / MARGIN_SHARE)),
)
# Of the memory on the node.
MEMORY = (
    Constant("core/dispatch/cache_hint.cpp", r"\(all\) \* ([\d.]+) \* spread", (NODE.spread,)),
    Constant("core/dispatch/dispatcher.cpp", r"cache_node == NodeCacheMode::off\) return ([\d.]+);", (0.0,)),  # spread_for()
    Constant("core/cache/entry.hpp", r"return half >= (\d+) \? ", (NODE.hit_seconds_min,)),
    Constant("core/cache/entry.hpp", r"stale_margin_seconds = (\d+);", (NODE.stale_seconds_min,)),
    Constant("core/cache/throttle_memory.hpp", r"throttle_seconds_max = ([\d']+);", (NODE.throttle_seconds_max,)),
    Constant("core/cache/throttle.cpp", r"guess_seconds = (\d+);", (NODE.throttle_first,)),
    Constant("core/cache/throttle.cpp", r"guess_seconds_max = (\d+);", (NODE.throttle_guess_max,)),
    Constant("core/cache/throttle.cpp", r"seconds\) \* ([\d.]+) \* jitter", (1000 * NODE.throttle_jitter,)),
    Constant("core/dispatch/throttled_runner.cpp", r" wait_ms_max = ([\d']+);", (1000 * NODE.throttle_wait,)),
)


def differences(root: pathlib.Path) -> Iterator[str]:
    has_memory = (root / "core/dispatch/caching_runner.cpp").exists()
    for constant in CONSTANTS + (MEMORY if has_memory else ()):
        found = re.search(constant.pattern, (root / constant.file).read_text())
        if found is None:
            yield f"{constant.file}: nothing fits {constant.pattern}: correct the pattern in tests/fleet/drift_test.py"
        elif (values := tuple(float(group.replace("'", "")) for group in found.groups())) != tuple(map(float, constant.expected)):
            yield (f"{constant.file}: {found[0]} gives {values}, tests/fleet/measured.py says {constant.expected}: correct it "
                   "there, then the tables of config/scale.md with ./dev fleet")


if __name__ == "__main__":
    found = list(differences(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "the simulation has regcred's constants")
    sys.exit(1 if found else 0)
