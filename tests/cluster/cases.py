# SPDX-License-Identifier: Apache-2.0
"""What is shown on the cluster, one function per case. A case that does not go as it should raises AssertionError."""
import json
import pathlib
import re
import shutil
import ssl
import subprocess
import time
import urllib.request

import chart_cases
import install_cases
import openbao
from internet import CLOUDSMITH_IMAGE, HOSTS_FILE, SECOND_IMAGE
from services import until

NAMESPACE = "purple-team"
CONFIG = pathlib.Path("/etc/kubernetes/credential-provider-config.yaml")
REGISTRIES = pathlib.Path("/etc/regcred/config.yaml")
PLUGINS = pathlib.Path("/usr/local/libexec/kubelet-plugins")
OLD_PROVIDER = "cloudsmith-kubernetes-credential-provider"


class Scene:
    """The cluster as a case uses it."""

    def __init__(self, cluster, manifests):
        self.cluster = cluster
        self.manifests = manifests
        self.kubectl = cluster.kubectl

    def account(self, name, slug=None):
        annotations = ["--annotation", f"cloudsmith.io/service-slug={slug}"] if slug else []
        made = subprocess.run(["regcred", "generate", "service-account", name, "--namespace", NAMESPACE, *annotations],
                              check=True, capture_output=True, text=True).stdout
        self.kubectl("apply", "-f", "-", input=made)

    def pod(self, name, account, image=CLOUDSMITH_IMAGE):
        self.pods([name], account, image)

    def pods(self, names, account, image=CLOUDSMITH_IMAGE):
        """The walkthrough's test pod under other names; this node has no scheduler and no network for pods."""
        text = self.kubectl("create", "--dry-run=client", "-o", "json", "-f", str(self.manifests / "test-pod.yaml")).stdout
        pod = json.loads(text)
        pod["spec"].update(hostNetwork=True, nodeName="node1", serviceAccountName=account)
        pod["spec"]["containers"][0]["image"] = image
        items = [{**pod, "metadata": {**pod["metadata"], "name": name}} for name in names]
        self.kubectl("apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))

    def phase(self, name):
        return self.kubectl("get", "pod", "-n", NAMESPACE, name, "-o", "jsonpath={.status.phase}").stdout

    def runs(self, name, seconds=60):
        until(lambda: self.phase(name) == "Running", seconds, f"pod {name} to run\n{self.events(name)}")

    def events(self, name):
        described = self.kubectl("describe", "pod", "-n", NAMESPACE, name).stdout
        return described.partition("Events:")[2].strip()

    def fails_to_pull(self, name, log_words):
        """Until the pull has failed and the kubelet's log has a line with all of `log_words`; gives that line."""
        began = len(self.cluster.node.kubelet_log())

        def line():
            log = self.cluster.node.kubelet_log()
            return next((text for text in log.splitlines() if all(word in text for word in log_words)), None)

        found = until(line, 40, f"a line with {log_words} in the kubelet's log, {began} bytes before")
        until(lambda: "Failed to pull image" in self.events(name), 40, f"the failed pull of {name}")
        return found

    def exchanges(self):
        """What the emulated Cloudsmith has been asked, oldest first."""
        context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
        with urllib.request.urlopen("https://api.cloudsmith.io/emulator/received", context=context) as answer:
            return json.load(answer)

    def doctor(self, account, image=CLOUDSMITH_IMAGE):
        """What an operator sees on the node; the token comes from the cluster."""
        done = subprocess.run(["regcred", "doctor", image, "--service-account", f"{NAMESPACE}/{account}"],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def say(self, title, text):
        print(f"    {title}")
        for line in text.strip().splitlines():
            print(f"      {line.strip()[:400]}")


def regcred(*arguments):
    """What the node's regcred writes to standard output."""
    return subprocess.run(["regcred", *arguments], check=True, capture_output=True, text=True).stdout


def slug_by_annotation(scene):
    scene.kubectl("apply", "-f", str(scene.manifests / "service-account.yaml"))
    scene.pod("by-annotation", "builder")
    scene.runs("by-annotation")
    exchange = scene.exchanges()[-1]
    assert exchange["service_slug"] == "purple-team-sa", exchange
    scene.say("kubectl describe pod", scene.events("by-annotation"))


def default_slug(scene):
    scene.account("plain")
    scene.pod("by-default", "plain")
    scene.runs("by-default")
    exchange = scene.exchanges()[-1]
    assert exchange["service_slug"] == "default-v9ty", exchange


def second_registry(scene):
    before = len(scene.exchanges())
    scene.pod("second-registry", "plain", SECOND_IMAGE)
    scene.runs("second-registry")
    assert len(scene.exchanges()) == before, "the static backend asked Cloudsmith"


def password_out_of_openbao(scene):
    """The pod's own token opens the secret; the node has no password for this registry any more."""
    kept = {path: path.read_text() for path in (REGISTRIES, CONFIG)}
    scene.cluster.openbao.start()
    try:
        REGISTRIES.write_text(kept[REGISTRIES].partition("  - name: build-cache")[0] + openbao.ENTRY)
        CONFIG.write_text(regcred("generate", "kubelet-config", "--kubernetes-version", "1.34"))
        regcred("install-links", str(PLUGINS))
        scene.kubectl("apply", "-f", "-", input=regcred("generate", "rbac"))
        scene.cluster.node.restart_kubelet()
        scene.account("plain")
        scene.pod("out-of-openbao", "plain", SECOND_IMAGE)
        scene.runs("out-of-openbao")
        assert "Successfully pulled image" in scene.events("out-of-openbao"), scene.events("out-of-openbao")
        scene.say("kubectl describe pod", scene.events("out-of-openbao"))
    finally:
        for path, text in kept.items():
            path.write_text(text)
        scene.kubectl("apply", "-f", str(scene.manifests / "rbac.yaml"))
        scene.cluster.node.restart_kubelet()
        scene.cluster.openbao.stop()


def refused_slug(scene):
    scene.account("refused", "not-assigned")
    scene.pod("refused-slug", "refused")
    line = scene.fails_to_pull("refused-slug", ["regcred:", "not-assigned", "HTTP 4"])
    scene.say("kubectl describe pod", scene.events("refused-slug"))
    scene.say("kubelet log", line)
    status, text = scene.doctor("refused")
    assert status == 6, (status, text)
    scene.say("regcred doctor", text)


def missing_rbac(scene):
    binding = ["clusterrolebinding", "regcred-audiences"]
    scene.kubectl("delete", *binding)
    try:
        scene.account("no-rbac")
        scene.pod("missing-rbac", "no-rbac")
        line = scene.fails_to_pull("missing-rbac", ["no-rbac", "forbidden", 'audience "cloudsmith"'])
        scene.say("kubectl describe pod", scene.events("missing-rbac"))
        scene.say("kubelet log", line)
    finally:
        scene.kubectl("apply", "-f", str(scene.manifests / "rbac.yaml"))
    scene.runs("missing-rbac", 90)  # the kubelet tries again by itself


def dead_exchange_host(scene):
    hosts = HOSTS_FILE.read_text()
    HOSTS_FILE.write_text(hosts.replace("127.0.1.1 api.cloudsmith.io", "127.0.1.99 api.cloudsmith.io"))
    try:
        scene.account("dead-host")
        scene.pod("dead-exchange-host", "dead-host")
        line = scene.fails_to_pull("dead-exchange-host", ["regcred:", "api.cloudsmith.io", "unavailable"])
        scene.say("kubectl describe pod", scene.events("dead-exchange-host"))
        scene.say("kubelet log", line)
        status, text = scene.doctor("dead-host")
        assert status == 6, (status, text)
        scene.say("regcred doctor", text)
    finally:
        HOSTS_FILE.write_text(hosts)


def old_provider(scene):
    """A node that was set up for the provider that regcred replaces gets the new binary under the old name."""
    kept = CONFIG.read_text()
    shutil.move("/etc/regcred", "/etc/regcred.away")
    (PLUGINS / OLD_PROVIDER).symlink_to("/usr/local/bin/regcred")
    shutil.copy(scene.manifests / "credential-provider-config-drop-in.yaml", CONFIG)
    try:
        scene.cluster.node.restart_kubelet()
        scene.pod("old-provider", "builder")
        scene.runs("old-provider")
        exchange = scene.exchanges()[-1]
        assert exchange["service_slug"] == "purple-team-sa", exchange
    finally:
        CONFIG.write_text(kept)
        (PLUGINS / OLD_PROVIDER).unlink()
        shutil.move("/etc/regcred.away", "/etc/regcred")
        scene.cluster.node.restart_kubelet()


def checked_kubelet(scene):
    """What check --kubelet says of the running kubelet, and that its advice is right."""
    def check():
        done = subprocess.run(["regcred", "check", "--kubelet"], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    status, text = check()
    assert status == 0 and "for Kubernetes 1.34" in text and "asks            regcred, regcred-no-token" in text, (status, text)
    link = PLUGINS / "regcred-no-token"
    link.unlink()
    try:
        status, text = check()
        scene.say("regcred check --kubelet", text)
        advice = re.search(r"; (ln -s \S+ \S+) \[program-missing\]", text)
        assert status == 3 and advice, (status, text)
        subprocess.run(advice[1].split(), check=True)
        status, text = check()
        assert status == 0, (status, text)
    finally:
        if not link.is_symlink():
            link.symlink_to("/usr/local/bin/regcred")


def twenty_pods_at_once(scene):
    """Of one service account: as the kubelet alone has it, then with the node cache, where one exchange is enough."""
    def exchanges_of(account):
        before = len(scene.exchanges())
        names = [f"{account}-{number}" for number in range(20)]
        scene.account(account)
        began = time.monotonic()
        scene.pods(names, account)
        for name in names:
            scene.runs(name, 120)
        asked = len(scene.exchanges()) - before
        print(f"    {account}: all run after {time.monotonic() - began:.1f} s; exchanges: {asked}")
        return asked

    assert exchanges_of("crowd") >= 1
    kept = REGISTRIES.read_text()
    try:  # /run is no tmpfs here
        REGISTRIES.write_text(kept.replace("defaults:\n", "defaults:\n  nodeCache: { requireTmpfs: false }\n")
                              .replace("    backend: cloudsmith\n", "    backend: cloudsmith\n    cache: { node: serviceAccount }\n"))
        assert exchanges_of("crowd-node-cache") == 1
        scene.say("regcred cache list", regcred("cache", "list"))
    finally:
        REGISTRIES.write_text(kept)
        shutil.rmtree("/run/regcred", ignore_errors=True)


CASES = [slug_by_annotation, default_slug, second_registry, password_out_of_openbao, refused_slug, missing_rbac,
         dead_exchange_host, old_provider, checked_kubelet, twenty_pods_at_once, install_cases.node_installed_by_a_command,
         chart_cases.chart_on_a_node]


def run(cluster, manifests, names):
    scene = Scene(cluster, manifests)
    chosen = [case for case in CASES if not names or any(name in case.__name__ for name in names)]
    failed = 0
    for case in chosen:
        began = time.monotonic()
        try:
            case(scene)
            print(f"  {time.monotonic() - began:5.1f} s  {case.__name__.replace('_', ' ')}", flush=True)
        except Exception as error:  # a case that breaks is a case that failed
            failed += 1
            print(f"  FAILED   {case.__name__.replace('_', ' ')}: {error}", flush=True)
        finally:
            scene.kubectl("delete", "pods", "-n", NAMESPACE, "--all", "--grace-period=0", "--force", "--ignore-not-found",
                          check=False)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0
