#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`regcred audit` as a platform team runs it: a cluster's JSON in, text and JSON out, exit status.

usage: audit_test.py REGCRED
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HOST = "docker.cloudsmith.io/acme"
CONFIG = """apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: cloudsmith
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    audience: cloudsmith
    settings: {orgSlug: acme, serviceSlug: default-v9ty}
  - name: build-cache
    matchImages: [registry.example.com]
    backend: static
    settings: {username: puller, passwordFile: /etc/regcred/build-cache.password}
"""
KUBELET = """apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: ecr-credential-provider
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["*.dkr.ecr.*.amazonaws.com"]
    defaultCacheDuration: 10m
  - name: regcred
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [docker.cloudsmith.io]
    defaultCacheDuration: 10m
    tokenAttributes:
      serviceAccountTokenAudience: cloudsmith
      cacheType: ServiceAccount
      requireServiceAccount: true
      requiredServiceAccountAnnotationKeys: [cloudsmith.io/service-slug]
"""


def pod(namespace, name, image, account="default", secrets=(), static=False, init=None):
    annotations = {"kubernetes.io/config.mirror": "4f", "kubernetes.io/config.source": "file"} if static else {}
    spec = {"containers": [{"name": "main", "image": image, "env": [{"name": "PASSWORD", "value": "canary-1"}],
                            "resources": {"limits": {"cpu": "100m"}}}],
            "tolerations": [{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "tolerationSeconds": 300}],
            "volumes": [{"name": "kube-api-access", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]}
    if not static:
        spec |= {"serviceAccountName": account, "serviceAccount": account}
    if secrets:
        spec["imagePullSecrets"] = [{"name": secret} for secret in secrets]
    if init:
        spec["initContainers"] = [{"name": "init", "image": init}]
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec,
            "metadata": {"name": name, "namespace": namespace, "annotations": annotations, "labels": {"app": name}},
            "status": {"phase": "Running", "containerStatuses": [{"image": image, "ready": True, "restartCount": 0}]}}


def account(namespace, name="default", annotations=None, secrets=()):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "imagePullSecrets": [{"name": secret} for secret in secrets],
            "metadata": {"name": name, "namespace": namespace, "annotations": annotations or {}}}


CLUSTER = [
    pod("purple-team", "web-1", f"{HOST}/purple/web:1.2", "builder"),
    pod("purple-team", "web-2", f"{HOST}/purple/web:1.3", "builder", init="busybox:1"),
    pod("purple-team", "report-1", f"{HOST}/purple/report", secrets=["cloudsmith-pull"]),
    pod("build", "cc-1", "registry.example.com/tools/cc:13"),
    pod("build", "scan-1", "ghcr.io/acme/scanner:2", secrets=["ghcr"]),
    pod("kube-system", "agent-node-1", f"{HOST}/platform/agent:1", static=True),
    pod("shop", "cart-1", "1234.dkr.ecr.eu-west-1.amazonaws.com/cart:9"),
    account("purple-team", "builder", {"cloudsmith.io/service-slug": "purple-team-sa", "acme.io/owner": "unread"}),
    account("purple-team", secrets=["cloudsmith-pull"]), account("build"), account("shop"), account("kube-system")]


class Test:
    def __init__(self, regcred, folder):
        self.regcred = regcred
        self.folder = pathlib.Path(folder)
        self.write("config.yaml", CONFIG)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def audit(self, cluster, *arguments, status=0):
        text = cluster if isinstance(cluster, str) else json.dumps({"apiVersion": "v1", "items": cluster, "kind": "List"}, indent=4)
        done = subprocess.run([self.regcred, "audit", "--config", str(self.folder / "config.yaml"), *arguments], input=text,
                              capture_output=True, text=True, env={})
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        assert "canary" not in done.stdout + done.stderr
        return done.stderr if status > 1 else done.stdout

    def rows(self, cluster, *arguments):
        document = json.loads(self.audit(cluster, "-o", "json", *arguments))
        return document, {(row["image"], row["namespace"]): row for row in document["rows"]}

    def assumed_kubelet(self):
        document, rows = self.rows(CLUSTER)
        results = {name: (count["images"], count["uses"]) for name, count in document["results"].items()}
        assert results == {"unserved": (3, 3), "secret": (1, 1), "shadowed": (1, 1), "served": (2, 3), "other": (0, 0),
                           "public": (0, 0)}, results
        assert [document[key] for key in ("kubeletConfig", "pods", "staticPods", "images", "serviceAccounts", "notes")] == [
            None, 7, 1, 7, 4, []], document
        assert rows[f"{HOST}/purple/web", "purple-team"] == {
            "result": "served", "image": f"{HOST}/purple/web", "namespace": "purple-team", "serviceAccount": "builder",
            "static": False, "pods": 2, "firstPod": "web-1", "callsRegcred": True, "provider": "regcred",
            "registry": "cloudsmith", "token": True, "annotations": {"cloudsmith.io/service-slug": "purple-team-sa"},
            "imagePullSecrets": [], "imagePullSecretsOfServiceAccount": False, "reason": ""}
        agent = rows[f"{HOST}/platform/agent", "kube-system"]
        assert agent["static"] and agent["serviceAccount"] is None and not agent["callsRegcred"], agent
        report = rows[f"{HOST}/purple/report", "purple-team"]
        assert report["imagePullSecrets"] == ["cloudsmith-pull"] and report["imagePullSecretsOfServiceAccount"], report
        assert not rows["registry.example.com/tools/cc", "build"]["token"]

    def own_kubelet(self):
        path = self.write("kubelet.yaml", KUBELET)
        document, rows = self.rows(CLUSTER, "--kubelet-config", path, "--public", "docker.io/library")
        assert document["kubeletConfig"] == path
        found = {image: row["result"] for (image, _), row in rows.items()}
        assert found == {f"{HOST}/purple/web": "served", f"{HOST}/purple/report": "secret", "ghcr.io/acme/scanner": "secret",
                         "registry.example.com/tools/cc": "unserved", f"{HOST}/platform/agent": "unserved",
                         "docker.io/library/busybox": "public", "1234.dkr.ecr.eu-west-1.amazonaws.com/cart": "other"}, found
        assert "lacks annotation" in rows[f"{HOST}/purple/report", "purple-team"]["reason"]
        assert 'entry "build-cache" would answer' in rows["registry.example.com/tools/cc", "build"]["reason"]
        self.write("kubelet.yaml", KUBELET.replace("matchImages", "images"))
        assert "kubelet.yaml" in self.audit(CLUSTER, "--kubelet-config", path, status=3)

    def text_is_narrow_and_complete(self):
        text = self.audit(CLUSTER)
        assert text.startswith("7 pods (1 static) with 7 images and 4 service accounts\nkubelet: assumed"), text
        assert all(len(line) <= 80 for line in text.splitlines()), text
        for part in (f"\nserved    {HOST}/purple/web\n          purple-team/builder (2 pods): entry cloudsmith by",
                     "kube-system (1 static pod: agent-node-1): provider \"regcred\"", "\x1b"):
            assert (part in text) == (part != "\x1b"), text

    def pods_with_the_same_answer_stand_together(self):
        proxies = [pod(f"team-{i}", f"p-{i}", "ghcr.io/acme/proxy") for i in range(3)]
        text = self.audit(proxies + [account(f"team-{i}") for i in range(3)])
        assert text.endswith("unserved  ghcr.io/acme/proxy\n          team-0/default (1 pod), team-1/default (1 pod), team-2/default (1"
                             "\n          pod): no provider is called, and no registry entry matches\n"), text

    def exit_status(self):
        served = [CLUSTER[0], *CLUSTER[7:]]
        self.audit(served, "--fail-on", "unserved,shadowed")
        assert "\nshadowed  " in self.audit([CLUSTER[2], *served], "--fail-on", "shadowed", status=1)
        self.audit([CLUSTER[2], *served], "--fail-on", "unserved")
        self.audit([CLUSTER[5], *served], "--fail-on", "shadowed", "--fail-on", "unserved", status=1)
        self.audit([CLUSTER[5], *served], "--fail-on", "unserved", "--public", f"{HOST}/platform")
        self.audit(CLUSTER, "--fail-on", "other", status=2)
        self.audit(CLUSTER, "--public", "a b", status=2)

    def files_and_secrets(self):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {".dockerconfigjson": "canary-2"}}
        path = self.write("cluster.json", json.dumps([*CLUSTER, secret, {"kind": "ConfigMap"}]))
        text = self.audit("", path)
        assert "\nnote: the input holds 1 Secret, passed over" in text and "\nnote: passed over: 1 object of other" in text, text
        assert "7 pods" in self.audit(json.dumps(CLUSTER), "-")
        for wrong in (str(self.folder), str(self.folder / "none")):
            assert "kubectl get pods,serviceaccounts -A -o json" in self.audit("", wrong, status=2)

    def H5_hostile_input(self):
        for text, what in (("", "neither pods nor"), ("[" * 1_000_000, "nested deeper"), ("kind: List", "not JSON"),
                           ('{"items":[{"kind":"Pod","canary":"', "ends too early"), ("[7", "ends too early")):
            line = self.audit(text, status=2)
            assert what in line and line.count("\n") == 1 and len(line) <= 1024, line
        evil = "\x1b[2J\n\u202e" + "x" * 100_000
        cluster = [pod(evil, evil, evil, evil, [evil]), pod("n", evil, evil, static=True), account(evil, evil)]
        for text in (self.audit(cluster), self.audit(cluster, "-o", "json")):
            assert len(text) < 10_000 and "\x1b" not in text and "\u202e" not in text, text[:2000]
        assert json.loads(text)["rows"][0]["reason"].startswith("this is not the name of an image")

    def H5_one_pod_does_not_multiply(self):
        many = pod("n", "p", f"{HOST}/x", "a", [f"secret-{i}" for i in range(5000)])
        many["spec"]["containers"] = [{"name": f"c{i}", "image": f"{HOST}/app-{i}"} for i in range(1000)]
        cluster = [many, account("n", "a", {"cloudsmith.io/service-slug": "x" * 250_000})]
        for text in (self.audit(cluster), self.audit(cluster, "-o", "json")):
            assert len(text) < 4_000_000, len(text)

    def ten_thousand_pods(self):
        cluster = [pod(f"team-{i % 100}", f"app-{i}", f"{HOST}/apps/app-{i % 1000}:{i}", f"sa-{i % 5}",
                       ["old"] if i % 4 == 0 else ()) for i in range(10_000)]
        cluster += [account(f"team-{team}", f"sa-{number}") for team in range(100) for number in range(5)]
        document, _ = self.rows(cluster)
        assert (document["pods"], document["images"], document["serviceAccounts"]) == (10_000, 1000, 100), document["pods"]
        assert document["results"]["served"] == {"images": 750, "uses": 7500}, document["results"]
        assert document["results"]["shadowed"] == {"images": 250, "uses": 2500}, document["results"]
        assert sum(row["pods"] for row in document["rows"]) == 10_000


if __name__ == "__main__":
    os.umask(0o077)
    with tempfile.TemporaryDirectory() as directory:
        test = Test(sys.argv[1], directory)
        for case in ("assumed_kubelet", "own_kubelet", "text_is_narrow_and_complete", "pods_with_the_same_answer_stand_together", "exit_status", "files_and_secrets",
                     "H5_hostile_input", "H5_one_pod_does_not_multiply", "ten_thousand_pods"):
            getattr(test, case)()
            print("passed:", case)
