# SPDX-License-Identifier: Apache-2.0
"""Programs of others, built once from the Go modules that a go.mod pins, into a cache of the user's."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PLACES = ":/usr/local/go/bin:/usr/lib/go/bin"
UNREACHABLE = (r"dial tcp|no such host|proxyconnect|connection refused|i/o timeout|module lookup disabled|"
               r"TLS handshake")


class NotAvailable(Exception):
    """There is no Go that is new enough, or its modules can be had neither from its cache nor from the module proxy."""


def cache(name):
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "regcred" / name


def recipe(module, packages, flags):
    """Names what programs are made from; another recipe means building again."""
    text = "".join((module / name).read_text() for name in ("go.mod", "go.sum", "tools.go"))
    return hashlib.sha256((text + repr([packages, flags])).encode()).hexdigest()


def find_go(module):
    program = shutil.which("go", path=os.environ.get("PATH", "") + PLACES)
    minimum = re.search(r"^go (\S+)$", (module / "go.mod").read_text(), re.MULTILINE)[1]
    if not program:
        raise NotAvailable(f"there is no Go in PATH or /usr/local/go/bin; install Go {minimum} or later (go.dev/dl)")
    return program


def build(name, module, packages, flags="-s -w"):
    """Gives the folder with the programs of `packages`, after building them if need be: minutes, once."""
    folder, module = cache(name), pathlib.Path(module)
    stamp = folder / "recipe"
    if stamp.exists() and stamp.read_text() == recipe(module, packages, flags):
        return folder
    compiler = find_go(module)
    print(f"building {name} into {folder}: some minutes, once", flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
        # Without -trimpath: then what tests/kubelet compiles of the same release is taken from Go's cache.
        done = subprocess.run([compiler, "build", "-ldflags", flags, "-o", fresh + "/", *packages],
                              cwd=module, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOTOOLCHAIN": "local"})
        if done.returncode != 0:
            what = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message"
            raise NotAvailable(f"{name} cannot be built: {what}") if re.search(UNREACHABLE + "|requires go", done.stderr) \
                else RuntimeError(done.stderr)
        folder.mkdir(exist_ok=True)
        for package in packages:
            program = package.rpartition("/")[2]
            os.replace(f"{fresh}/{program}", folder / program)
    stamp.write_text(recipe(module, packages, flags))
    return folder
