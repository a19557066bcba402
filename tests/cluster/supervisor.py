#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kubelet as systemd keeps it: started anew whenever it ends, with the arguments that its file of variables has then.

usage: supervisor.py FOLDER COMMAND...     FOLDER/kubelet.starts gets a line for each start

A kubelet whose providers have an image of BROKEN_HOST ends at once: the one that no rule foresees.
"""
import pathlib
import re
import subprocess
import sys
import time

import node
from services import Services, alive

BROKEN_HOST = "kubelet-does-not-start.example.com"
UNIT = pathlib.Path("/etc/systemd/system/kubelet.service")
SYSTEMCTL = pathlib.Path("/usr/local/sbin/systemctl")  # where `regcred node` finds it first


def install(folder):
    """Its unit, and a systemctl that knows what `regcred node` asks of it."""
    UNIT.parent.mkdir(parents=True, exist_ok=True)
    UNIT.write_text(f"[Service]\nEnvironmentFile=-{node.EXTRA_ARGUMENTS}\nExecStart=/usr/bin/kubelet $KUBELET_EXTRA_ARGS\n")
    SYSTEMCTL.parent.mkdir(parents=True, exist_ok=True)
    SYSTEMCTL.write_text(f"""#!/bin/sh
[ "$*" = "--no-block restart kubelet.service" ] || {{ echo "not known here: systemctl $*" >&2; exit 1; }}
kill "$(cat {folder}/pid/kubelet)" || true
""")
    SYSTEMCTL.chmod(0o755)


def remove():
    for path in (UNIT, SYSTEMCTL):
        path.unlink(missing_ok=True)


def is_broken(arguments):
    found = re.search(r"--image-credential-provider-config=(\S+)", " ".join(arguments))
    path = pathlib.Path(found[1]) if found else None
    files = sorted(path.iterdir()) if path and path.is_dir() else [path] if path and path.exists() else []
    return any(BROKEN_HOST in file.read_text() for file in files)


def main(folder, *command):
    services = Services(folder)
    starts = pathlib.Path(folder, "kubelet.starts")
    while True:
        arguments = node.extra_arguments()
        with starts.open("a") as file:
            print(" ".join(arguments), file=file)
        if is_broken(arguments):
            subprocess.run(["sh", "-c", "echo 'the kubelet ends: no such host' >&2"], check=True)
        else:
            services.start("kubelet", *command, *arguments)
            pid = int((services.folder / "pid/kubelet").read_text())
            while alive(pid):
                time.sleep(0.1)
        time.sleep(0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
