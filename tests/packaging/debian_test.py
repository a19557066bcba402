#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bundle on a Debian of any age: unpacked by the README's commands, checked, and one exchange by the node's own
certificates.

usage: debian_test.py SUITE FOLDER EMULATOR ROOTS

FOLDER is that of ./dev package, EMULATOR the program regcred-emulator; ROOTS as for deb_test.py.
"""
import json
import pathlib
import shutil
import sys
import tempfile

from machine import NATIVE, Machine, configure, readme_commands, run_cases

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from world import World  # noqa: E402


class Node:
    def __init__(self, machine, world, folder):
        self.machine, self.world = machine, world
        self.packages = machine.root / "srv"
        for name in ("SHA256SUMS", *(path.name for path in folder.glob(f"regcred-*-linux-{NATIVE}.tar.gz"))):
            shutil.copy(folder / name, self.packages)


def is_unpacked_by_the_readmes_commands(node):
    node.machine.must(f"cd /srv && set -e\n{readme_commands('Bundle')}".replace("amd64", NATIVE))
    assert node.machine.must("regcred version").startswith("regcred ")


def is_checked(node):
    configure(node.machine.root / "etc/regcred", lambda text: text.replace(
        "orgSlug: acme ", f'apiHost: "{node.world.api_host}"\n      orgSlug: iduffy-demo '))
    without = node.machine.run("regcred check")
    assert without.returncode == 3 and "this machine has none; install ca-certificates" in without.stdout, without
    node.machine.must("apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates && regcred check")


def answers_by_the_nodes_certificates(node):
    refused = node.machine.run("regcred", input=node.world.request())
    assert refused.returncode == 6 and "certificate" in refused.stderr, refused
    shutil.copy(node.world.ca, node.machine.root / "usr/local/share/ca-certificates/emulator.crt")
    node.machine.must("update-ca-certificates")
    done = node.machine.run("regcred", input=node.world.request())
    assert (done.returncode, done.stderr) == (0, ""), done
    assert json.loads(done.stdout)["auth"]["docker.cloudsmith.io"]["password"]


CASES = [is_unpacked_by_the_readmes_commands, is_checked, answers_by_the_nodes_certificates]


def main():
    suite, folder, emulator, roots = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).resolve(), sys.argv[4]
    with tempfile.TemporaryDirectory() as work:
        machine = Machine(pathlib.Path(work) / "root", suite, roots)
        world = pathlib.Path(work) / "world"
        world.mkdir()
        with World(world, machine.root, emulator) as running:
            return run_cases(CASES, Node(machine, running, folder))


if __name__ == "__main__":
    sys.exit(main())
