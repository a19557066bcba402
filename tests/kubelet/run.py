#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs the tests of one Kubernetes release.

usage: run.py build RELEASE DIRECTORY PACKAGE...     compiles the test programs into DIRECTORY
       run.py test PROGRAM NAME [OPTION...]          runs one test of one of them

Ends with status 77, "skipped", and says why, when there is no Go that is new enough, or when its modules can be had
neither from Go's cache nor from the module proxy.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
PLACES = ["/usr/local/go/bin", "/usr/lib/go/bin"]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def mod_file(minor):
    return HERE / "versions" / f"{minor}.mod"


def numbers(version):
    return [int(number) for number in re.findall(r"\d+", version)]


def find_go(minimum):
    """A Go of at least this version that does not fetch another one."""
    found = []
    for place in [*os.environ["PATH"].split(":"), *PLACES]:
        program = shutil.which("go", path=place)
        if program:
            told = subprocess.run([program, "env", "GOVERSION"], capture_output=True, text=True, cwd="/",
                                  env={**os.environ, "GOTOOLCHAIN": "local"}).stdout.strip()
            found.append(told)
            if numbers(told) >= numbers(minimum):
                return program
    skip(f"Go {minimum} or later is needed" + (f", here is {', '.join(found)}" if found else ", and there is no Go here"))


def build(minor, directory, packages):
    os.nice(10)  # tests that measure time run beside this
    text = mod_file(minor).read_text()
    go = find_go(re.search(r"^go (\S+)$", text, re.MULTILINE)[1])
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}
    tags = [f"since_1_{number}" for number in (33, 34) if numbers(minor) >= [1, number]]
    options = [f"-modfile={mod_file(minor)}", "-tags=" + ",".join(tags)]

    def run(*command):
        begin = time.monotonic()
        done = subprocess.run([go, *command], cwd=HERE, env=environment, text=True, capture_output=True)
        print(f"go {command[0]}: {time.monotonic() - begin:.0f} s")
        return done

    for package in packages:  # an older program must not stand in for one that is not built
        pathlib.Path(directory, f"{pathlib.Path(package).name}.test").unlink(missing_ok=True)
    # Fetches what is missing, and touches nothing else: what fails here is not the code.
    listed = run("list", *options, "-deps", "-test", "-f", "{{.ImportPath}}", *packages)
    if listed.returncode != 0 and re.search(r"dial tcp|no such host|proxyconnect|connection refused|i/o timeout|"
                                            r"module lookup disabled|TLS handshake", listed.stderr):
        skip("the Go modules are not in the cache and cannot be fetched: " + listed.stderr.strip().splitlines()[-1])
    if listed.returncode != 0:
        sys.exit(listed.stderr)
    pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
    # Not vetted: that would analyse Kubernetes, too.
    built = run("test", "-c", "-vet=off", f"-ldflags=-s -w -X regcred/tests/kubelet/kubeletcode.minor={minor}", *options,
                "-o", f"{directory}/", *packages)
    sys.exit(built.stderr if built.returncode != 0 else 0)


def test(program, name, options):
    program = pathlib.Path(program)
    if not program.exists():
        skip(f"{program.name} was not built: see the test that builds it")
    package = HERE / program.stem
    os.chdir(package)
    os.execv(program, [program, f"-test.run=^{name}$", "-test.v", "-test.timeout=110s", *options])


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(sys.argv[2], sys.argv[3], [f"./{package}" for package in sys.argv[4:]])
    test(sys.argv[2], sys.argv[3], sys.argv[4:])
