#!/usr/bin/env python3
"""What cluster.py runs inside the machine: inside.py FOLDER up TREE EMULATOR PROGRAMS | run [NAME...] | shell | down."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import images
import internet
from control_plane import ADMIN, ControlPlane
from node import Node
from services import Services

MANIFESTS = pathlib.Path(__file__).resolve().parents[2] / "config/kubernetes"


class Cluster:
    def __init__(self, folder, tree, emulator, programs):
        self.folder = pathlib.Path(folder)
        self.tree = pathlib.Path(tree)
        self.services = Services(folder)
        self.internet = internet.Internet(self.services, emulator)
        self.control_plane = ControlPlane(self.services, pathlib.Path(programs))
        self.kubectl = self.control_plane.kubectl
        self.node = Node(self.services, pathlib.Path(programs), self.kubectl)

    def up(self):
        (self.folder / "images").mkdir()
        self.step("a private internet: Cloudsmith (emulated), two registries, a static host",
                  lambda: self.internet.start(images.layout(self.folder / "images/hello", ["sleep", "1000000000"])))
        self.step("etcd, kube-apiserver", lambda: self.control_plane.start(api_server_flags()))
        self.step("containerd", self.node.start_containerd)
        self.step("regcred by the walkthrough, kubelet", self.install)

    def step(self, what, action):
        began = time.monotonic()
        action()
        print(f"  {time.monotonic() - began:5.1f} s  {what}", flush=True)

    def install(self):
        shutil.copytree(self.tree, "/usr/local", dirs_exist_ok=True, symlinks=True)
        for line in f"""
install -d /usr/local/libexec/kubelet-plugins /etc/regcred
ln -s /usr/local/bin/regcred /usr/local/libexec/kubelet-plugins/regcred
ln -s /usr/local/bin/regcred /usr/local/libexec/kubelet-plugins/regcred-static
install -m 0644 {MANIFESTS}/config.yaml /etc/regcred/config.yaml
install -m 0600 {self.folder}/internet/password /etc/regcred/build-cache.password
install -m 0644 {MANIFESTS}/credential-provider-config.yaml /etc/kubernetes/credential-provider-config.yaml
install -m 0644 {MANIFESTS}/kubelet.env /etc/default/kubelet
""".strip().splitlines():
            subprocess.run(line.split(), check=True)
        published = self.internet.published
        (published / ".well-known").mkdir()
        (published / ".well-known/openid-configuration").write_text(self.kubectl("get", "--raw", "/.well-known/openid-configuration").stdout)
        (published / "openid/v1").mkdir(parents=True)
        (published / "openid/v1/jwks").write_text(self.kubectl("get", "--raw", "/openid/v1/jwks").stdout)
        self.kubectl("apply", "-f", str(MANIFESTS / "rbac.yaml"))
        self.node.start_kubelet()
        self.kubectl("apply", "-f", str(MANIFESTS / "service-account.yaml"))
        pod = json.loads(self.kubectl("create", "--dry-run=client", "-o", "json", "-f", str(MANIFESTS / "test-pod.yaml")).stdout)
        pod["spec"].update(hostNetwork=True, nodeName="node1")
        self.kubectl("apply", "-f", "-", input=json.dumps(pod))
        print(self.kubectl("wait", "-n", "purple-team", "--for=jsonpath={.status.phase}=Running", "--timeout=30s", "pod/test-pod", check=False))


def api_server_flags():
    """Those that kubeadm.yaml of the walkthrough gives."""
    found = re.findall(r"- name: (\S+)\n +value: (\S+)", (MANIFESTS / "kubeadm.yaml").read_text())
    return [f"--{name}={value}" for name, value in found]


def main(folder, command, *arguments):
    settings = pathlib.Path(folder) / "cluster.json"
    if command == "up":
        settings.write_text(json.dumps(arguments))
    cluster = Cluster(folder, *json.loads(settings.read_text()))
    if command == "up":
        cluster.up()
    elif command == "shell":
        programs = json.loads(settings.read_text())[2]
        os.environ.update(KUBECONFIG=ADMIN, PATH=f"{programs}:/usr/local/bin:{os.environ['PATH']}")
        shell = ["bash", "-c", " ".join(arguments)] if arguments else ["bash"]
        os.execvp("bash", shell)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
