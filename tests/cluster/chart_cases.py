# SPDX-License-Identifier: Apache-2.0
"""The chart on a node whose kubelet already runs the provider of somebody else: helm's own install, upgrade, uninstall."""
import json
import pathlib
import stat
import subprocess
import time

import images
from install_cases import FOREIGN_CONFIG, PROVIDERS, ForeignNode
from internet import CLOUDSMITH_IMAGE
from machine import NODE
from services import until
from supervisor import BROKEN_HOST

CHART = pathlib.Path(__file__).resolve().parents[2] / "config/kubernetes/chart"
SYSTEM = "kube-system"
IMAGE, TAG = "local.example.org/regcred", "cluster"
CONFIG = pathlib.Path("/etc/regcred/config.yaml")
# This node has no scheduler: the DaemonSet's pods name it themselves.
POST_RENDERER = f"""#!/bin/sh
exec sed 's/^      serviceAccountName: .*/&\\n      nodeName: {NODE}/'
"""


class Release:
    """The chart's release, and the node's pod of it."""

    def __init__(self, scene, node):
        self.scene, self.node, self.cluster = scene, node, scene.cluster
        self.kubectl = scene.kubectl
        self.renderer = self.cluster.folder / "post-renderer"
        self.renderer.write_text(POST_RENDERER)
        self.renderer.chmod(0o755)
        self.values = {
            "image": {"repository": IMAGE, "tag": TAG}, "hostNetwork": True, "apiServer": "https://127.0.0.1:6443",
            "secretFiles": [{"name": "cache.password", "secretName": "cache", "key": "password"}],
            "registries": [
                {"name": "cloudsmith", "matchImages": ["docker.cloudsmith.io"], "backend": "cloudsmith", "audience": "cloudsmith",
                 "annotations": ["cloudsmith.io/service-slug"], "settings": {"orgSlug": "acme", "serviceSlug": "default-v9ty"}},
                {"name": "cache", "matchImages": ["cache.example.com"], "backend": "static",
                 "settings": {"username": "puller", "passwordFile": "/etc/regcred/secrets/cache.password"}}]}

    def helm(self, *words):
        done = subprocess.run([self.cluster.helm, *words, "--namespace", SYSTEM], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def apply(self):
        values = self.cluster.folder / "values.json"
        values.write_text(json.dumps(self.values))
        self.helm("upgrade", "--install", "regcred", str(CHART), "--values", str(values), "--post-renderer", str(self.renderer))

    def rolled_out(self, seconds=90):
        self.kubectl("rollout", "status", "-n", SYSTEM, "daemonset/regcred", f"--timeout={seconds}s")

    def pods(self):
        found = self.kubectl("get", "pods", "-n", SYSTEM, "-l", "app.kubernetes.io/instance=regcred", "-o", "json").stdout
        return [pod for pod in json.loads(found)["items"] if "deletionTimestamp" not in pod["metadata"]
                and pod["status"]["phase"] != "Failed"]  # one that came while the port was still in use

    def uid(self):
        (pod,) = self.pods()
        return pod["metadata"]["uid"]

    def reason(self, words, seconds=60):
        """What `kubectl describe pod` shows as the end of the installing container, once it has these words."""
        def message():
            for pod in self.pods():
                for container in pod["status"].get("initContainerStatuses", []):
                    for state in (container.get("state", {}), container.get("lastState", {})):
                        text = state.get("terminated", {}).get("message", "")
                        if words in text:
                            return text
            return None

        return until(message, seconds, f"a pod that says {words!r}: {[pod['status'] for pod in self.pods()]}")


def event_of(scene, pod, reason):
    events = json.loads(scene.kubectl("get", "events", "-n", "purple-team", "--field-selector",
                                      f"involvedObject.name={pod},reason={reason}", "-o", "json").stdout)["items"]
    return events[0] if events else None


def refused_slug_is_an_event(scene, node):
    """Within five seconds after the pull failed, the pod has the reason."""
    node.pod("event", CLOUDSMITH_IMAGE, slug="not-assigned")
    until(lambda: event_of(scene, "event", "Failed"), 40, "the failed pull")
    began = time.monotonic()
    event = until(lambda: event_of(scene, "event", "RegistryCredentialFailed"), 5, "the event with the reason")
    print(f"    event after {time.monotonic() - began:.1f} s")
    assert "not-assigned" in event["message"] and "/etc/" not in event["message"], event
    assert event["source"].get("component", event.get("reportingComponent")) == "regcred", event
    scene.say("kubectl describe pod", scene.events("event"))
    scene.kubectl("delete", "pod", "event", "-n", "purple-team", "--grace-period=0", "--force")


def chart_on_a_node(scene):
    cluster = scene.cluster
    layout = cluster.folder / "images/regcred"
    if not layout.exists():
        cluster.node.load(images.regcred_layout(layout, cluster.unpacked()), f"{IMAGE}:{TAG}")
    scene.kubectl("delete", "-f", str(scene.manifests / "rbac.yaml"))  # the chart brings its own
    scene.kubectl("create", "secret", "generic", "cache", "-n", SYSTEM, "--from-literal=password=s3cret")
    with ForeignNode(scene) as node:
        release = Release(scene, node)
        try:
            all_of_a_life(scene, node, release)
        except Exception as error:  # what follows may fail, too
            print(f"    {type(error).__name__}: {error}", flush=True)
            raise
        finally:
            release.helm("uninstall", "regcred", "--ignore-not-found")
            scene.kubectl("wait", "pods", "-n", SYSTEM, "-l", "app.kubernetes.io/instance=regcred", "--for=delete", "--timeout=60s")
            scene.kubectl("delete", "secret", "cache", "-n", SYSTEM)
            scene.kubectl("apply", "-f", str(scene.manifests / "rbac.yaml"))


def all_of_a_life(scene, node, release):
    node.pulls_through_the_foreign_one("foreign-before-chart")
    release.apply()
    release.rolled_out()
    assert node.starts() == 2, node.starts()
    node.pulls_through_regcred("by-chart", "default-v9ty")
    node.pulls_through_the_foreign_one("foreign-beside-chart")
    secret = pathlib.Path("/etc/regcred/secrets/cache.password")
    assert (stat.S_IMODE(secret.stat().st_mode), secret.read_text()) == (0o600, "s3cret"), secret.stat()
    refused_slug_is_an_event(scene, node)

    pod = release.uid()
    settings = release.values["registries"][0]["settings"]
    settings["serviceSlug"] = "purple-team-sa"
    release.apply()
    until(lambda: "purple-team-sa" in CONFIG.read_text(), 90, "the new setting on the node")
    node.pulls_through_regcred("new-setting-by-chart", "purple-team-sa")
    assert (release.uid(), node.starts()) == (pod, 2), "a setting restarted something"

    images_of = release.values["registries"][0]["matchImages"]
    images_of.append("*.cloudsmith.com")
    release.apply()
    release.rolled_out()
    assert node.starts() == 3 and "*.cloudsmith.com" in PROVIDERS.read_text(), node.starts()

    before = PROVIDERS.read_text(), CONFIG.read_text()
    images_of.append("a b.example.com")
    release.apply()
    scene.say("refused configuration, kubectl describe pod", release.reason("a b.example.com"))
    assert (PROVIDERS.read_text(), CONFIG.read_text()) == before and node.starts() == 3, "a refused configuration changed the node"

    images_of.pop()
    release.values["registries"][1]["matchImages"].append(BROKEN_HOST)
    release.apply()
    scene.say("kubelet that does not come up, kubectl describe pod", release.reason("did not come up", 180))
    until(node.is_healthy, 30, "the kubelet to be healthy again")
    assert (PROVIDERS.read_text(), CONFIG.read_text()) == before, PROVIDERS.read_text()
    node.pulls_through_regcred("after-rollback", "purple-team-sa")

    starts = node.starts()
    release.values["mode"] = "remove"
    release.apply()
    release.rolled_out()
    assert PROVIDERS.read_text() == FOREIGN_CONFIG and node.starts() == starts + 1, (PROVIDERS.read_text(), node.starts())
    assert not CONFIG.exists() and not secret.exists(), "the configuration stays on the node"
    node.pulls_through_the_foreign_one("foreign-after-chart")
