#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pins a Kubernetes release for these tests: writes versions/MINOR.mod and its checksums.

usage: pin.py 1.34.4

Kubernetes keeps its libraries in its own tree and publishes each release of them under v0.MINOR.PATCH; its go.mod names
them as v0.0.0. So every such module is replaced by the published one.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODULE = "regcred/tests/kubelet"


def go(*arguments):
    environment = {**os.environ, "GOFLAGS": "", "GOWORK": "off"}
    return subprocess.run(["go", *arguments], cwd=HERE.parent, env=environment, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def main(release):
    minor = release.rsplit(".", 1)[0]
    downloaded = json.loads(go("mod", "download", "-json", f"k8s.io/kubernetes@v{release}"))
    of_kubernetes = pathlib.Path(downloaded["GoMod"]).read_text()
    staged = sorted(set(re.findall(r"^\s*(k8s\.io/[\w./-]+) v0\.0\.0$", of_kubernetes, re.MULTILINE)))
    language = re.search(r"^go (\S+)$", of_kubernetes, re.MULTILINE)[1]
    mod = HERE / f"{minor}.mod"
    mod.write_text(f"module {MODULE}\n\ngo {language}\n\nrequire k8s.io/kubernetes v{release}\n\nreplace (\n" +
                   "".join(f"\t{name} => {name} v0.{release.split('.', 1)[1]}\n" for name in staged) + ")\n")
    mod.with_suffix(".sum").write_text("")
    # Not `go mod tidy`, which would add what only the tests of these modules need.
    packages = ["./judge", "./match"] + (["./drive", "./manifests"] if int(minor.split(".")[1]) > 32 else [])
    go("list", "-mod=mod", f"-modfile={mod}", "-tags=since_1_33,since_1_34", "-test", "-deps", *packages)
    print(mod.relative_to(HERE.parent))


if __name__ == "__main__":
    main(sys.argv[1])
