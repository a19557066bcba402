#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian packages on a fresh machine: installed, used by the README's example, upgraded, removed, purged.

usage: deb_test.py SUITE FOLDER ROOTS

FOLDER holds regcred_*.deb and regcred-dev_*.deb of this processor, and perhaps of others. Needs root and debootstrap: the
machine is a chroot of SUITE, a copy of ROOTS/SUITE, which is made when it is not there.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from kubelet_files import FLAG, KUBELET_FILES, PLUGINS, UNIT, UNIT_FILE
from machine import NATIVE, Machine, configure, run_cases

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "config/packaging"))
import publisher  # noqa: E402

K3S = "etc/rancher/k3s/config.yaml"


def older(package, folder):
    """The same package as version 0.0.1, as an upgrade finds it."""
    tree = folder / package.name.removesuffix(".deb")
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 0.0.1", control.read_text(), flags=re.MULTILINE))
    made = folder / re.sub(r"_[^_]*_", "_0.0.1_", package.name)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(tree), str(made)], check=True, stdout=subprocess.DEVNULL)
    return made


def installs_what_a_node_needs_and_nothing_more(machine):
    machine.must("apt-get update -qq && apt-get install -y -qq --no-install-recommends /packages/old/regcred_0.0.1_*.deb")
    installed = machine.must("dpkg-query -W -f '${Package}\\n'").split()
    assert "g++" not in installed and "cmake" not in installed, installed
    assert machine.must("find /etc/regcred").split() == ["/etc/regcred"], "a configuration is there"


def says_whose_it_is_and_what_is_new(machine):
    said = machine.must("dpkg-query -W -f '${Maintainer}|${Homepage}|${Static-Built-Using}' regcred")
    assert said.startswith(f"{publisher.MAINTAINER}|{publisher.HOMEPAGE}|"), said
    assert re.search(r"\blibmd \(= .*\byaml-cpp \(= ", said), said
    copyright = machine.must("cat /usr/share/doc/regcred/copyright")
    assert "License: X11\n Permission is hereby granted" in copyright and "@" not in re.sub(r"<\S+@\S+>", "", copyright), copyright
    (news,) = re.findall(r"/usr/share/doc/\S+[^.\s]", machine.must("zcat /usr/share/doc/regcred/changelog.gz"))
    version = machine.must("dpkg-query -W -f '${Version}' regcred")
    assert f"\n## {version} - " in machine.must(f"zcat -f {news}"), news


def answers_the_readmes_example(machine):
    configure(machine.root / "etc/regcred")
    machine.must("regcred check")
    assert "answered by  cloudsmith" in machine.must("regcred explain docker.cloudsmith.io/acme/repo/app:1.2")
    assert "<hidden>" in machine.must("regcred get registry.example.com/tools/cc")


def survives_an_upgrade(machine):
    machine.must(f"install -d {PLUGINS} && regcred install-links {PLUGINS}")
    machine.must("install -d -m 0700 /run/regcred/cache")
    machine.must("apt-get install -y -qq --no-install-recommends /packages/regcred_*.deb && test -d /run/regcred/cache")
    assert "0.0.1" not in machine.must("dpkg-query -W regcred")
    assert "s3cret" in machine.must("regcred get --show-secrets registry.example.com/tools/cc")
    assert machine.must(f"readlink -f {PLUGINS}/regcred").strip() == "/usr/bin/regcred"


def builds_a_backend_with_the_sdk(machine):
    failed = machine.run("cd /srv && regcred new-backend acme")
    assert failed.returncode != 0 and "regcred-dev" in failed.stderr, failed
    machine.must("apt-get install -y -qq --no-install-recommends /packages/regcred-dev_*.deb g++ cmake ninja-build")
    machine.must("test -f /usr/share/doc/regcred/guide/services.md")  # where the SDK's README says, not compressed
    machine.must("cd /srv && umask 022 && regcred new-backend acme && cmake -G Ninja -S acme -B acme/build -DCMAKE_BUILD_TYPE=Release "
                 "-DBUILD_TESTING=OFF && cmake --build acme/build")
    library = machine.must("find /srv/acme/build -name 'acme.so'").split()[0]
    machine.must(f"regcred-conformance --include 'load.*' {library}")
    machine.must("apt-get purge -y -qq regcred-dev && rm -r /srv/acme")


def sees_every_place_where_a_node_names_its_plugins(machine):
    machine.write(UNIT_FILE, UNIT)
    ask = "sh -e /var/lib/dpkg/info/regcred.prerm remove"
    machine.must(ask)
    for file, text in KUBELET_FILES.items():
        machine.write(file, text)
        assert machine.run(ask).returncode == 1, f"{file} was not read"
        (machine.root / file).unlink()
    machine.must(f"{ask} && rm /{UNIT_FILE}")
    machine.must(f"sh -c '{ask}; test $? -eq 1; exit' kubelet --{FLAG} {PLUGINS}")  # that of a kubelet that runs


def stays_while_a_kubelet_needs_it(machine):
    machine.write(K3S, KUBELET_FILES[K3S])
    refused = machine.run("apt-get remove -y -qq regcred")
    assert refused.returncode != 0 and f"{PLUGINS}/regcred" in refused.stdout + refused.stderr, refused
    machine.must("regcred version")
    force = re.search(r"^regcred: to remove the package all the same: (.*)$", refused.stdout + refused.stderr, re.MULTILINE)[1]
    forced = machine.must(force)
    assert "removed all the same" in forced, forced
    assert machine.run("regcred version").returncode == 127
    machine.must("apt-get install -y -qq --no-install-recommends /packages/regcred_*.deb")
    machine.must(f"rm {PLUGINS}/regcred* /{K3S}")


def leaves_nothing(machine):
    machine.must("install -d -m 0700 /run/regcred/cache && touch /run/regcred/cache/entry.v1")
    machine.must("rm /etc/regcred/config.yaml /etc/regcred/build-cache.password")
    machine.must("apt-get purge -y -qq regcred")
    left = {name for name in machine.files() if "regcred" in name and not name.startswith(("packages", "var/log", "var/cache"))}
    assert not left, left


CASES = [installs_what_a_node_needs_and_nothing_more, answers_the_readmes_example, survives_an_upgrade,
         says_whose_it_is_and_what_is_new, builds_a_backend_with_the_sdk, sees_every_place_where_a_node_names_its_plugins,
         stays_while_a_kubelet_needs_it, leaves_nothing]


def main():
    suite, folder, roots = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as work:
        machine = Machine(pathlib.Path(work) / "root", suite, roots)
        (machine.root / "packages/old").mkdir(parents=True)
        for package in folder.glob(f"*_{NATIVE}.deb"):
            shutil.copy(package, machine.root / "packages")
        (made,) = [older(package, pathlib.Path(work)) for package in folder.glob(f"regcred_*_{NATIVE}.deb")]
        shutil.copy(made, machine.root / "packages/old")
        return run_cases(CASES, machine)


if __name__ == "__main__":
    sys.exit(main())
