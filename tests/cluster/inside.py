#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What cluster.py runs inside the machine: inside.py FOLDER up TREE EMULATOR PROGRAMS OPENBAO
HELM BUNDLE | run [NAME...] | shell | down."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import cases
import images
import internet
from control_plane import ADMIN, ControlPlane
from node import Node
from openbao import OpenBao
from services import Services

MANIFESTS = pathlib.Path(__file__).resolve().parents[2] / "config/kubernetes"


class Cluster:
    def __init__(self, folder, tree, emulator, programs, openbao, helm, bundle):
        self.folder = pathlib.Path(folder)
        self.tree = pathlib.Path(tree)
        self.programs = programs
        self.helm = helm
        self.bundle = bundle
        self.services = Services(folder)
        self.internet = internet.Internet(self.services, emulator)
        self.openbao = OpenBao(self.services, self.internet, openbao)
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
install -m 0644 {MANIFESTS}/config.yaml /etc/regcred/config.yaml
install -m 0600 {self.folder}/internet/password /etc/regcred/build-cache.password
install -m 0644 {MANIFESTS}/credential-provider-config.yaml /etc/kubernetes/credential-provider-config.yaml
install -m 0644 {MANIFESTS}/kubelet.env /etc/default/kubelet
regcred install-links /usr/local/libexec/kubelet-plugins
regcred check --strict --kubelet-config /etc/kubernetes/credential-provider-config.yaml --kubernetes-version 1.34
""".strip().splitlines():
            subprocess.run(line.split(), check=True, stdout=subprocess.DEVNULL)
        self.publish()
        self.kubectl("apply", "-f", str(MANIFESTS / "rbac.yaml"))
        self.node.start_kubelet()
        self.kubectl("apply", "-f", str(MANIFESTS / "service-account.yaml"))

    def unpacked(self):
        """What `./dev package --bundle` made, unpacked; without it the tree that was built, stripped."""
        folder = self.folder / "unpacked"
        if not folder.exists():
            if self.bundle:
                fresh = self.folder / "unpacking"
                fresh.mkdir()
                subprocess.run(["tar", "-C", str(fresh), "--no-same-owner", "--strip-components=1", "-xzf", self.bundle], check=True)
                fresh.rename(folder)
            else:
                shutil.copytree(self.tree, folder, symlinks=True)
                programs = [*folder.glob("bin/*"), *folder.glob("lib/regcred/**/*.so")]
                subprocess.run(["strip", "--strip-debug", *map(str, programs)], check=True)
        return folder

    def publish(self):
        """The issuer's documents, as the walkthrough does it."""
        saved = {}
        for name, path in (("discovery", "/.well-known/openid-configuration"), ("jwks", "/openid/v1/jwks")):
            saved[name] = self.folder / f"{name}.json"
            saved[name].write_text(self.kubectl("get", "--raw", path).stdout)
        subprocess.run(["regcred", "generate", "oidc-discovery", "--issuer", internet.ISSUER, "--discovery",
                        str(saved["discovery"]), "--jwks", str(saved["jwks"]), "--out", str(self.internet.published)],
                       check=True, stdout=subprocess.DEVNULL)


def api_server_flags():
    """Those that kubeadm.yaml of the walkthrough gives."""
    found = re.findall(r"- name: (\S+)\n +value: (\S+)", (MANIFESTS / "kubeadm.yaml").read_text())
    return [f"--{name}={value}" for name, value in found]


def use_its_programs(cluster):
    """kubectl and regcred of the node come first, as cluster administrator."""
    os.environ.update(KUBECONFIG=ADMIN, PATH=f"{cluster.programs}:/usr/local/bin:{os.environ['PATH']}")


def main(folder, command, *arguments):
    settings = pathlib.Path(folder) / "cluster.json"
    if command == "up":
        settings.write_text(json.dumps(arguments))
    cluster = Cluster(folder, *json.loads(settings.read_text()))
    use_its_programs(cluster)
    if command == "up":
        cluster.up()
    elif command == "run":
        return cases.run(cluster, MANIFESTS, arguments)
    elif command == "shell":
        shell = ["bash", "-c", " ".join(arguments)] if arguments else ["bash"]
        os.execvp("bash", shell)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
