#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the shipped binaries must show of themselves: hardening (E5), one exported symbol, no stray libraries.

usage: binary_test.py TREE (with bin/regcred and lib/regcred)
"""
import pathlib
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def hardening(path):
    header, program, dynamic = (run("readelf", flag, "-W", str(path)) for flag in ("-h", "-l", "-d"))
    symbols = run("nm", "-D", str(path))
    stack = next((line for line in program.splitlines() if "GNU_STACK" in line), "")
    yield "position independent", "DYN" in header
    yield "RELRO", "GNU_RELRO" in program
    yield "bind now", "NOW" in dynamic
    yield "stack not executable", stack and "RWE" not in stack
    yield "stack protector", "__stack_chk_fail" in symbols
    yield "no RPATH or RUNPATH", "RPATH" not in dynamic and "RUNPATH" not in dynamic


def needed(path):
    return {line.split("[")[1].rstrip("]") for line in run("readelf", "-d", str(path)).splitlines() if "(NEEDED)" in line}


def findings(tree):
    program = tree / "bin/regcred"
    module = tree / "lib/regcred/regcred-http.so"
    backends = sorted((tree / "lib/regcred/backends").glob("*.so"))
    if len(backends) < 2:
        yield f"{tree}: expected at least two backends, found {len(backends)}"
    for path in [program, module, *backends]:
        for what, holds in hardening(path):
            if not holds:
                yield f"E5 {path.name}: {what} is missing"
    for path in [program, *backends]:
        for library in needed(path):
            if library.startswith(("libcurl", "libssl", "libcrypto")):
                yield f"{path.name}: needs {library}; only the HTTP module may"
    if not any(library.startswith("libcurl") for library in needed(module)):
        yield "regcred-http.so does not need libcurl: this test looks at the wrong file"
    for path in backends:
        exported = [line.split()[-1] for line in run("nm", "-D", "--defined-only", str(path)).splitlines()]
        if exported != ["regcred_backend_entry_v1"]:
            yield f"{path.name}: exports {exported}, expected the one entry symbol"
    # Our own call, in Secret: others may come with what is linked, and __stack_chk_fail is no fortified function.
    if "__explicit_bzero_chk" not in run("nm", "-D", str(program)):
        yield "E5 regcred: no fortified function is used"
    # The text that libstdc++ 12 prints when an assertion of its own fails; newer ones call a function of their own.
    if b"Assertion '%s' failed" not in program.read_bytes() and "__glibcxx_assert_fail" not in run("nm", "-D", str(program)):
        yield "E5 regcred: _GLIBCXX_ASSERTIONS is off"


if __name__ == "__main__":
    found = list(findings(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "binaries are as they should be")
    sys.exit(1 if found else 0)
