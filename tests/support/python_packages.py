# SPDX-License-Identifier: Apache-2.0
"""Python packages for a test, in a virtual environment of their own, kept in a folder of the build."""
import hashlib
import os
import pathlib
import subprocess
import sys
import venv

SKIPPED = 77


def run_with(packages, folder):
    """Goes on in the environment that has these packages, each with its version. Ends with status 77, "skipped", and
    says why, when they cannot be had."""
    name = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:16]
    environment = pathlib.Path(folder).resolve() / name
    python = environment / "bin/python"
    if pathlib.Path(sys.prefix).resolve() == environment:
        return
    if not (environment / "complete").exists():
        try:
            venv.create(environment, with_pip=True, clear=True)
            command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
            done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
            failed = done.stdout if done.returncode else ""
        except (OSError, subprocess.SubprocessError) as error:
            failed = str(error)
        if failed:
            print(f"skipped: {' '.join(packages)} cannot be installed: {failed.strip().splitlines()[-1]}")
            sys.exit(SKIPPED)
        (environment / "complete").touch()
    os.execv(python, [str(python), *sys.argv])
