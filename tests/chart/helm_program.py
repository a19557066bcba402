#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""helm, built once from the Go module that helm/go.mod pins. As a program: builds it; status 77 when it cannot be had."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import go_program  # noqa: E402

MODULE = HERE / "helm"


def build():
    """Gives the path of the program."""
    version = re.search(r"helm\.sh/helm/v3 v(\S+)", (MODULE / "go.mod").read_text())[1]
    return go_program.build(f"helm-{version}", MODULE, ["helm.sh/helm/v3/cmd/helm"]) / "helm"


if __name__ == "__main__":
    try:
        print(build())
    except go_program.NotAvailable as error:
        print(f"skipped: {error}")
        sys.exit(77)
