# SPDX-License-Identifier: Apache-2.0
"""The node: containerd, and a kubelet that is told of regcred by the files of config/kubernetes alone."""
import json
import pathlib
import re
import shlex
import subprocess

import images
from control_plane import KUBERNETES, PKI
from machine import NODE

SOCKET = pathlib.Path("/run/containerd/containerd.sock")
SANDBOX_IMAGE = "docker.io/local/pause:1"
KUBELET = pathlib.Path("/var/lib/kubelet")
EXTRA_ARGUMENTS = pathlib.Path("/etc/default/kubelet")


class Node:
    def __init__(self, services, programs, kubectl):
        self.services = services
        self.programs = programs
        self.kubectl = kubectl

    # ---- containerd ----

    def start_containerd(self):
        config = pathlib.Path("/etc/containerd/config.toml")
        config.parent.mkdir(exist_ok=True)
        config.write_text(f"""\
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{SANDBOX_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"  # works on any file system; the images are small
""")
        network = pathlib.Path("/etc/cni/net.d/10-none.conflist")  # pods here use the node's network; containerd asks for one
        network.parent.mkdir(parents=True)
        network.write_text(json.dumps({"cniVersion": "1.0.0", "name": "none", "plugins": [{"type": "loopback"}]}))
        self.services.start("containerd", "containerd", "--config", str(config))
        self.services.wait("containerd", lambda: SOCKET.exists() and self.ctr("version", check=False).returncode == 0)
        self.load(images.layout(self.services.folder / "images/pause", ["sleep", "1000000000"]), SANDBOX_IMAGE)

    def load(self, layout, name):
        """Puts an image onto the node, as if it had been pulled."""
        archive = layout.with_suffix(".tar")
        subprocess.run(["tar", "-C", str(layout), "-cf", str(archive), "."], check=True)
        self.ctr("images", "import", "--index-name", name, str(archive))

    def ctr(self, *arguments, check=True):
        done = subprocess.run(["ctr", "--namespace", "k8s.io", *arguments], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"ctr {' '.join(arguments)}: {done.stderr.strip()}")
        return done

    # ---- kubelet ----

    def start_kubelet(self):
        """As kubeadm's unit does it: with KUBELET_EXTRA_ARGS of /etc/default/kubelet."""
        KUBELET.mkdir(exist_ok=True)
        (KUBELET / "config.yaml").write_text(json.dumps(self.kubelet_configuration(), indent=1))
        self.services.start("kubelet", *self.kubelet_command(), *extra_arguments())
        self.services.wait("kubelet", self.ready)

    def kubelet_command(self):
        return [str(self.programs / "kubelet"), f"--config={KUBELET}/config.yaml", f"--kubeconfig={KUBERNETES}/kubelet.conf",
                "--v=5"]

    def restart_kubelet(self):
        self.services.stop("kubelet")
        self.services.log("kubelet").write_text("")
        self.start_kubelet()

    def kubelet_configuration(self):
        """Beside the defaults: no swap, no disk pressure, no limits by cgroup: this is a guest on somebody's machine."""
        return {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
                "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False},
                                   "x509": {"clientCAFile": f"{PKI}/ca.crt"}},
                "authorization": {"mode": "AlwaysAllow"},
                "cgroupDriver": "cgroupfs", "cgroupsPerQOS": False, "enforceNodeAllocatable": [], "failSwapOn": False,
                "failCgroupV1": False, "localStorageCapacityIsolation": False, "resolvConf": "",
                "evictionHard": {"memory.available": "0%", "nodefs.available": "0%", "imagefs.available": "0%"},
                "containerRuntimeEndpoint": f"unix://{SOCKET}", "nodeStatusUpdateFrequency": "2s",
                "syncFrequency": "2s"}

    def ready(self):
        done = self.kubectl("get", "node", NODE, "-o", "jsonpath={.status.addresses[0].address}", check=False)
        return done.returncode == 0 and done.stdout

    def kubelet_log(self):
        return self.services.log("kubelet").read_text(errors="replace")


def extra_arguments():
    """KUBELET_EXTRA_ARGS of the environment file as words, as systemd makes them; none without the file."""
    if not EXTRA_ARGUMENTS.exists():
        return []
    found = re.search(r"^KUBELET_EXTRA_ARGS=(.*)$", EXTRA_ARGUMENTS.read_text(), re.M)
    return shlex.split(" ".join(shlex.split(found[1]))) if found else []
