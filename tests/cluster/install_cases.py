# SPDX-License-Identifier: Apache-2.0
"""regcred comes to a node whose kubelet already runs the provider of somebody else."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import supervisor
from internet import CLOUDSMITH_IMAGE, SECOND_IMAGE
from node import EXTRA_ARGUMENTS, KUBELET
from services import alive, until

HERE = pathlib.Path(__file__).resolve().parent
FOREIGN = pathlib.Path("/etc/foreign")
PROVIDERS = FOREIGN / "providers.yaml"
REGISTRIES = pathlib.Path("/etc/regcred")
AWAY = pathlib.Path("/etc/regcred.away")
LEFT = [FOREIGN, REGISTRIES, pathlib.Path("/opt/regcred"), pathlib.Path("/var/lib/regcred"), pathlib.Path("/run/regcred")]
FOREIGN_CONFIG = """# of another team
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: foreign
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["registry.example.com"]   # theirs
    defaultCacheDuration: 0s
"""
ANSWER = ('{"kind": "CredentialProviderResponse", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", '
          '"cacheKeyType": "Registry", "cacheDuration": "0s", '
          '"auth": {"registry.example.com": {"username": "puller", "password": "%s"}}}')
ENTRY = """\
  - name: cloudsmith
    matchImages: {images}
    backend: cloudsmith
    audience: cloudsmith
    annotations: [cloudsmith.io/service-slug, cloudsmith.io/org-slug]
    settings: {{ orgSlug: acme, serviceSlug: {slug} }}
"""
NAMESPACE = "purple-team"
IMAGES = '["docker.cloudsmith.io"]'


class ForeignNode:
    """A node without regcred, and its supervised kubelet."""

    def __init__(self, scene):
        self.scene = scene
        self.cluster = scene.cluster
        self.services = scene.cluster.services
        self.starts_file = self.services.folder / "kubelet.starts"

    def __enter__(self):
        self.services.stop("kubelet")
        self.arguments = EXTRA_ARGUMENTS.read_text()
        REGISTRIES.rename(AWAY)
        (FOREIGN / "bin").mkdir(parents=True)
        program = FOREIGN / "bin/foreign"
        password = (self.services.folder / "internet/password").read_text()
        program.write_text(f"#!/bin/sh\ncat >/dev/null\necho called >>{FOREIGN}/calls\necho '{ANSWER % password}'\n")
        program.chmod(0o700)
        PROVIDERS.write_text(FOREIGN_CONFIG)
        EXTRA_ARGUMENTS.write_text(f'KUBELET_EXTRA_ARGS="--node-labels=team=a --image-credential-provider-config={PROVIDERS} '
                                   f'--image-credential-provider-bin-dir={FOREIGN}/bin"\n')
        supervisor.install(self.services.folder)
        self.services.log("kubelet").write_text("")
        self.starts_file.write_text("")
        self.services.start("supervisor", sys.executable, str(HERE / "supervisor.py"), str(self.services.folder),
                            *self.cluster.node.kubelet_command())
        try:
            until(self.is_healthy, 60, "the kubelet to be healthy")
        except TimeoutError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.services.stop("supervisor")
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(self.pid(), 15)
            until(lambda: not alive(self.pid()), 20, "the kubelet to end")
        supervisor.remove()
        for path in LEFT:
            shutil.rmtree(path, ignore_errors=True)
        AWAY.rename(REGISTRIES)
        EXTRA_ARGUMENTS.write_text(self.arguments)
        self.cluster.node.start_kubelet()

    def pid(self):
        return int((self.services.folder / "pid/kubelet").read_text())

    def is_healthy(self):
        probe = subprocess.run(["curl", "--silent", "--fail", "http://127.0.0.1:10248/healthz"], capture_output=True)
        return probe.returncode == 0

    def starts(self):
        return len(self.starts_file.read_text().splitlines())

    def foreign_calls(self):
        calls = FOREIGN / "calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    def pod(self, name, image, slug=None):
        """With an account of its own, which the kubelet's cache does not know. By hand: there is no configuration here that
        `regcred generate` could read."""
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": NAMESPACE}}
        if slug:
            account["metadata"]["annotations"] = {"cloudsmith.io/service-slug": slug}
        self.scene.kubectl("apply", "-f", "-", input=json.dumps(account))
        self.scene.pod(name, name, image)

    def pulls_through_the_foreign_one(self, name):
        before = self.foreign_calls()
        self.pod(name, SECOND_IMAGE)
        self.scene.runs(name)
        assert self.foreign_calls() > before, "the foreign provider was not called"

    def pulls_through_regcred(self, name, slug):
        """As the account without annotations: the configured service is asked for."""
        before = len(self.scene.exchanges())
        self.pod(name, CLOUDSMITH_IMAGE)
        self.scene.runs(name)
        exchanges = [one for one in self.scene.exchanges()[before:] if one["claims"]["sub"].endswith(f":{name}")]
        assert exchanges and exchanges[-1]["service_slug"] == slug, exchanges


def registries(images=IMAGES, slug="default-v9ty"):
    return "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n" + ENTRY.format(images=images, slug=slug)


def node_installed_by_a_command(scene):
    """One command of an unpacked bundle; then another one takes all of it away."""
    program = scene.cluster.unpacked() / "bin/regcred"
    config = scene.cluster.folder / "registries.yaml"

    def regcred_node(*words, status=0):
        done = subprocess.run([program, "node", *words], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == status, (words, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    with ForeignNode(scene) as node:
        node.pulls_through_the_foreign_one("foreign-before")
        config.write_text(registries())
        text = regcred_node("install", "--config", str(config))
        scene.say("regcred node install", text)
        assert "the kubelet was restarted and runs" in text and node.starts() == 2, (text, node.starts())
        assert PROVIDERS.read_text().startswith(FOREIGN_CONFIG), PROVIDERS.read_text()
        node.pulls_through_regcred("by-command", "default-v9ty")
        node.pulls_through_the_foreign_one("foreign-beside")

        config.write_text(registries(slug="purple-team-sa"))
        text = regcred_node("install", "--config", str(config))
        assert "need not be restarted" in text and node.starts() == 2, (text, node.starts())
        node.pulls_through_regcred("new-setting", "purple-team-sa")

        text = regcred_node("remove")
        assert "the kubelet was restarted and runs" in text and node.starts() == 3, (text, node.starts())
        assert PROVIDERS.read_text() == FOREIGN_CONFIG, PROVIDERS.read_text()
        assert not pathlib.Path("/etc/foreign/bin/regcred").is_symlink()
        node.pulls_through_the_foreign_one("foreign-after")
