#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A machine of its own, made of namespaces: files, processes, network and host name of one node.

What happens in it ends with it: the kernel kills every process and drops every mount when the first process goes. Its
network has a loopback interface and nothing else, its /etc, /opt, /run, /usr/local and /var are copies in memory; so
fixed ports, well-known names and the paths of the walkthrough are all free, and nothing of the real machine changes.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

NODE = "node1"
NODE_ADDRESS = "192.0.2.10"  # RFC 5737: for documentation, never routed; the kubelet takes no loopback address
PRIVATE = ["etc", "opt", "run", "usr/local", "var"]
# What a node on the real machine may have there; ours starts without.
EMPTY = ["etc/regcred", "etc/cloudsmith", "etc/kubernetes", "etc/containerd", "etc/cni", "etc/default/kubelet",
         "opt/cni", "run/containerd", "var/lib/containerd", "var/lib/kubelet", "var/lib/cni", "var/log/pods",
         "var/log/containers", "usr/local/bin/regcred", "usr/local/lib/regcred", "usr/local/share/regcred",
         "usr/local/libexec/kubelet-plugins"]


CGROUPS = pathlib.Path("/sys/fs/cgroup")


class Machine:
    """Seen from outside. `folder` holds logs and what else outlives a command."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.pid_file = self.folder / "machine.pid"

    def first_process(self):
        """The number of its first process; None when it is not up."""
        try:
            pid, born = self.pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if start_time(pid) == born else None

    def start(self, ends_with_us):
        """`ends_with_us`: it goes when this program goes, however that happens."""
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / "cgroups-before").write_text("\n".join(map(str, container_cgroups())))
        log = open(self.folder / "machine.log", "w")
        command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
                   "--net", "--uts", sys.executable, os.path.abspath(__file__), str(self.folder)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                                   start_new_session=True, preexec_fn=die_with_parent if ends_with_us else None)
        if process.stdout.readline() != "ready\n":
            process.wait()
            raise RuntimeError("no namespaces for a node: " + (self.folder / "machine.log").read_text())
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        self.pid_file.write_text(f"{children[0]} {start_time(children[0])}")

    def command(self, *arguments):
        """The command line that runs `arguments` in it."""
        pid = self.first_process()
        if pid is None:
            raise RuntimeError("the cluster is not up: ./dev cluster up")
        return ["nsenter", f"--target={pid}", "--mount", "--pid", "--net", "--uts", f"--wd={os.getcwd()}", *arguments]

    def stop(self):
        pid = self.first_process()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            while self.first_process() is not None and os.path.exists(f"/proc/{pid}"):
                time.sleep(0.02)
        remove_cgroups(self.folder / "cgroups-before")
        shutil.rmtree(self.folder, ignore_errors=True)


def container_cgroups():
    """Those that containerd makes for the kubelet's containers, innermost first. The kernel keeps them when all ends."""
    roots = [*CGROUPS.glob("k8s.io"), *CGROUPS.glob("*/k8s.io")]
    return [pathlib.Path(path) for root in roots for path, _, _ in os.walk(root, topdown=False)]


def remove_cgroups(listed_before):
    """Removes what was not there before; a cgroup that is in use cannot be removed, and stays."""
    if not listed_before.exists():
        return
    before = set(listed_before.read_text().splitlines())
    deadline = time.monotonic() + 5  # killed processes take a moment to leave
    left = [path for path in container_cgroups() if str(path) not in before]
    while left and time.monotonic() < deadline:
        for path in left:
            try:
                path.rmdir()
            except OSError:
                pass
        left = [path for path in left if path.exists()]
        time.sleep(0.05 if left else 0)


def start_time(pid):
    """When a process began, in ticks since boot: with its number it names a process for good (proc(5), field 22)."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return None


def die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def run(*command):
    subprocess.run(command, check=True)


def make_private(folder):
    layers = folder / "layers"  # seen from inside only
    layers.mkdir()
    run("mount", "-t", "tmpfs", "-o", "mode=0700", "layers", str(layers))
    for name in PRIVATE:
        upper, work = layers / f"{name}/upper", layers / f"{name}/work"
        upper.mkdir(parents=True)
        work.mkdir()
        run("mount", "-t", "overlay", "-o", f"lowerdir=/{name},upperdir={upper},workdir={work}", "overlay", f"/{name}")
    for name in EMPTY:
        path = pathlib.Path("/", name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def be_the_machine(folder):
    """Its first process: sets up, says so, and then collects orphans for as long as it lives."""
    make_private(folder)
    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", f"{NODE_ADDRESS}/32", "dev", "lo")
    run("hostname", NODE)
    pathlib.Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n{NODE_ADDRESS} {NODE}\n")
    pathlib.Path("/etc/resolv.conf").write_text("")
    print("ready", flush=True)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.2)


if __name__ == "__main__":
    be_the_machine(pathlib.Path(sys.argv[1]))
