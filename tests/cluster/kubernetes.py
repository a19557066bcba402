# SPDX-License-Identifier: Apache-2.0
"""kube-apiserver, kube-controller-manager, kubelet and kubectl: built once from the Go modules that kubernetes/go.mod
pins, and helm from those of tests/chart/helm."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "chart")]
import go_program  # noqa: E402
import helm_program  # noqa: E402

VERSION = "1.34.4"
PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kubelet", "kubectl"]
# Without these a build calls itself v0.0.0-master, and its feature gates are those of no version.
STAMPS = {"gitVersion": f"v{VERSION}", "gitMajor": VERSION.split(".")[0], "gitMinor": VERSION.split(".")[1],
          "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z"}
STAMPED = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]


def build():
    """Gives the folder with the programs, and helm, after building them if need be: minutes, and some 3 GiB of Go's own
    cache."""
    flags = " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for package in STAMPED
                                    for name, value in STAMPS.items())])
    try:
        return go_program.build(f"kubernetes-{VERSION}", HERE / "kubernetes",
                                [f"k8s.io/kubernetes/cmd/{program}" for program in PROGRAMS], flags), helm_program.build()
    except go_program.NotAvailable as error:
        raise SystemExit(f"cluster: {error}") from error
