# SPDX-License-Identifier: Apache-2.0
"""kube-apiserver, kubelet and kubectl: built once from the Go modules that kubernetes/go.mod pins, into a cache."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

VERSION = "1.34.4"
PROGRAMS = ["kube-apiserver", "kubelet", "kubectl"]
MODULE = pathlib.Path(__file__).resolve().parent / "kubernetes"
# Without these a build calls itself v0.0.0-master, and its feature gates are those of no version.
STAMPS = {"gitVersion": f"v{VERSION}", "gitMajor": VERSION.split(".")[0], "gitMinor": VERSION.split(".")[1],
          "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z"}
STAMPED = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]


def cache():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / f"regcred/kubernetes-{VERSION}"


def recipe():
    """Names what the programs are made from; another recipe means building again."""
    text = "".join((MODULE / name).read_text() for name in ("go.mod", "go.sum", "tools.go"))
    return hashlib.sha256((text + repr([STAMPS, PROGRAMS])).encode()).hexdigest()


def go():
    found = shutil.which("go", path=os.environ.get("PATH", "") + ":/usr/local/go/bin")
    if not found:
        raise SystemExit(f"cluster: no Go found in PATH or /usr/local/go/bin; it builds Kubernetes {VERSION} from "
                         "source, once. Install Go 1.24 or later (go.dev/dl), then run this again.")
    return found


def build():
    """Gives the folder with the programs, after building them if need be: minutes, and some 3 GiB of Go's own cache."""
    folder = cache()
    stamp = folder / "recipe"
    if stamp.exists() and stamp.read_text() == recipe():
        return folder
    compiler = go()
    print(f"building Kubernetes {VERSION} into {folder}: some minutes, once", flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    flags = " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for package in STAMPED
                                    for name, value in STAMPS.items())])
    with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
        subprocess.run([compiler, "build", "-trimpath", "-ldflags", flags, "-o", fresh + "/",
                        *(f"k8s.io/kubernetes/cmd/{program}" for program in PROGRAMS)],
                       cwd=MODULE, check=True, env={**os.environ, "CGO_ENABLED": "0"})
        folder.mkdir(exist_ok=True)
        for program in PROGRAMS:
            os.replace(f"{fresh}/{program}", folder / program)
    stamp.write_text(recipe())
    return folder
