#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes cluster of one node, on loopback, whose images come through regcred: ./dev cluster [up|run|shell|down].

usage: cluster.py TREE EMULATOR [COMMAND [ARGUMENT...]]

  (none)            up, run, down; whatever happens, nothing is left
  up                bring the cluster up and leave it there
  run [NAME...]     run all cases, or those whose name contains a NAME
  shell [COMMAND]   a root shell on its node, with kubectl and regcred as the walkthrough uses them
  down              end it, and remove what it wrote
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import images
import kubernetes
from machine import Machine
from openbao import openbao_server

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = pathlib.Path(tempfile.gettempdir()) / "regcred-cluster"
NEEDED = ["etcd", "containerd", "runc", "ctr", "docker-registry", "skopeo", "openssl", "ip", "unshare", "nsenter"]


def inside(machine, *arguments):
    return subprocess.call(machine.command(sys.executable, str(HERE / "inside.py"), str(machine.folder), *arguments))


def bundle(tree):
    """The newest bundle of `./dev package` that is not older than what is built here; empty without one."""
    tree = pathlib.Path(tree).resolve()
    made = sorted((tree.parents[1] / "packages").glob(f"regcred-*-linux-{images.machine()}.tar.gz"), key=os.path.getmtime)
    return str(made[-1]) if made and made[-1].stat().st_mtime >= (tree / "bin/regcred").stat().st_mtime else ""


def up(machine, tree, emulator, ends_with_us):
    if machine.first_process() is not None:
        raise SystemExit("cluster: it is up already; ./dev cluster down ends it")
    machine.stop()  # what a killed one left
    programs, helm = kubernetes.build()
    vault = openbao_server.fetch()
    began = time.monotonic()
    machine.start(ends_with_us)
    status = inside(machine, "up", str(pathlib.Path(tree).resolve()), str(pathlib.Path(emulator).resolve()), str(programs),
                    vault, str(helm), bundle(tree))
    if status == 0:
        print(f"up after {time.monotonic() - began:.1f} s")
    return status


def down(machine):
    began = time.monotonic()
    if machine.first_process() is not None:
        inside(machine, "down")
    machine.stop()
    print(f"down after {time.monotonic() - began:.1f} s")


def all_cases(machine, tree, emulator, names):
    try:
        status = up(machine, tree, emulator, ends_with_us=True)
        return status or inside(machine, "run", *names)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        down(machine)


def main(tree, emulator, command="", *arguments):
    if os.geteuid() != 0:
        raise SystemExit("cluster: needs root: it makes namespaces, mounts and containers")
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        raise SystemExit(f"cluster: not installed: {' '.join(missing)}; ./dev cluster installs them")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("cluster: told to end"))
    machine = Machine(FOLDER)
    if command == "":
        return all_cases(machine, tree, emulator, arguments)
    if command == "up":
        status = up(machine, tree, emulator, ends_with_us=False)
        if status != 0:
            print(f"not up; what there is: ./dev cluster shell, logs in {FOLDER}/log, and ./dev cluster down")
        return status
    if command == "run":
        return inside(machine, "run", *arguments)
    if command == "shell":
        return inside(machine, "shell", *arguments)
    if command == "down":
        down(machine)
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except (RuntimeError, subprocess.CalledProcessError, KeyboardInterrupt) as error:
        sys.exit(f"cluster: {error or 'interrupted'}")
