# SPDX-License-Identifier: Apache-2.0
"""etcd, kube-apiserver and kube-controller-manager with the files that kubeadm would make, under the paths where it puts them."""
import json
import os
import pathlib
import subprocess

from machine import NODE
from services import listens

KUBERNETES = pathlib.Path("/etc/kubernetes")
PKI = KUBERNETES / "pki"
SERVER = "https://127.0.0.1:6443"
ADMIN = str(KUBERNETES / "admin.conf")
# name: (subject, further names)
CERTIFICATES = {
    "apiserver": ("/CN=kube-apiserver", f"DNS:kubernetes.default.svc,DNS:{NODE},IP:127.0.0.1,IP:10.96.0.1"),
    "apiserver-kubelet-client": ("/O=system:masters/CN=kube-apiserver-kubelet-client", ""),
    "admin": ("/O=system:masters/CN=kubernetes-admin", ""),
    "kubelet": (f"/O=system:nodes/CN=system:node:{NODE}", ""),
}


class ControlPlane:
    def __init__(self, services, programs):
        self.services = services
        self.programs = programs

    def start(self, flags):
        """`flags` of kube-apiserver beside those that every cluster has."""
        PKI.mkdir(parents=True)
        make_keys()
        for name, certificate in (("admin", "admin"), ("kubelet", "kubelet")):
            write_kubeconfig(KUBERNETES / f"{name}.conf", certificate)
        self.services.start("etcd", "etcd", "--data-dir=/var/lib/etcd", "--unsafe-no-fsync", "--log-level=warn")
        self.services.wait("etcd", lambda: listens("127.0.0.1", 2379))
        self.services.start(
            "kube-apiserver", str(self.programs / "kube-apiserver"), "--etcd-servers=http://127.0.0.1:2379",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            "--authorization-mode=Node,RBAC", "--allow-privileged=true", "--enable-admission-plugins=NodeRestriction",
            "--service-cluster-ip-range=10.96.0.0/16", f"--client-ca-file={PKI}/ca.crt",
            f"--tls-cert-file={PKI}/apiserver.crt", f"--tls-private-key-file={PKI}/apiserver.key",
            f"--kubelet-client-certificate={PKI}/apiserver-kubelet-client.crt",
            f"--kubelet-client-key={PKI}/apiserver-kubelet-client.key",
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-key-file={PKI}/sa.pub", f"--service-account-signing-key-file={PKI}/sa.key", *flags)
        self.services.wait("kube-apiserver", self.ready)
        # What makes pods of a DaemonSet, and gives them the cluster's CA.
        self.services.start(
            "kube-controller-manager", str(self.programs / "kube-controller-manager"), f"--kubeconfig={ADMIN}",
            "--controllers=daemonset-controller,garbage-collector-controller,root-ca-certificate-publisher-controller,"
            "serviceaccount-controller",
            "--leader-elect=false", "--bind-address=127.0.0.1", f"--root-ca-file={PKI}/ca.crt")

    def ready(self):
        return self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0

    def kubectl(self, *arguments, check=True, **options):
        """As cluster administrator. Gives a CompletedProcess with text."""
        done = subprocess.run([str(self.programs / "kubectl"), *arguments], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "KUBECONFIG": ADMIN}, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done

    def objects(self, *arguments):
        """What `kubectl get` says, as JSON."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json").stdout)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_keys():
    """An authority, a certificate for each part, and the pair that signs service accounts' tokens."""
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new_key, "-days", "7", "-subj", "/CN=kubernetes", "-keyout", f"{PKI}/ca.key", "-out", f"{PKI}/ca.crt")
    for name, (subject, names) in CERTIFICATES.items():
        openssl("req", "-x509", *new_key, "-days", "7", "-subj", subject, "-CA", f"{PKI}/ca.crt", "-CAkey", f"{PKI}/ca.key",
                "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth,clientAuth",
                *(["-addext", f"subjectAltName={names}"] if names else []),
                "-keyout", f"{PKI}/{name}.key", "-out", f"{PKI}/{name}.crt")
    openssl("genrsa", "-out", f"{PKI}/sa.key", "2048")
    openssl("rsa", "-in", f"{PKI}/sa.key", "-pubout", "-out", f"{PKI}/sa.pub")


def write_kubeconfig(path, certificate):
    user = {"client-certificate": f"{PKI}/{certificate}.crt", "client-key": f"{PKI}/{certificate}.key"}
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": SERVER, "certificate-authority": f"{PKI}/ca.crt"}}],
        "users": [{"name": certificate, "user": user}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": certificate}}]}, indent=1))
    path.chmod(0o600)
