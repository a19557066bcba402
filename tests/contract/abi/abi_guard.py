#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds abi.h to the promise that a change of any kind comes with a new minor.

usage: abi_guard.py check INCLUDE_DIRECTORY    fails unless abi.h is what the reference of its version says
       abi_guard.py write INCLUDE_DIRECTORY    writes the reference of a new version; never replaces one

A reference is what abidw (libabigail) reads from the debug information of reference.c: every struct with sizes, offsets,
member names, types and function signatures. CC names the compiler, default cc.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ABIDW = ["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--type-id-style", "hash"]
# Renamed members and the like count as harmless to abidiff; authors compile against names, so not to us.
ABIDIFF = ["abidiff", "--no-architecture", "--no-corpus-path", "--harmless", "--redundant"]


def header(include):
    return (include / "regcred/abi.h").read_text()


def version(include):
    return ".".join(re.search(rf"^#define REGCRED_ABI_{part} (\d+)$", header(include), re.M)[1]
                    for part in ("MAJOR", "MINOR"))


def reference(include):
    return HERE / f"abi-{version(include)}.xml"


def build(include, folder, flags=("-g",)):
    library = pathlib.Path(folder) / "reference.so"
    subprocess.run([os.environ.get("CC", "cc"), *flags, "-shared", "-fPIC", f"-ffile-prefix-map={HERE}=.",
                    "-I", str(include), "-o", str(library), str(HERE / "reference.c")], check=True)
    return library


def dump(library):
    return subprocess.run([*ABIDW, str(library)], check=True, capture_output=True, text=True).stdout


def unseen(include, xml):
    """The structs of abi.h that the dump does not describe. abidiff alone takes missing debug information for no change."""
    structs = re.findall(r"^typedef struct (\w+) \{", header(include), re.M)
    assert len(structs) > 10, "abi.h is not written as this script reads it"
    return [name for name in structs if not re.search(rf"<class-decl name='{name}' [^>]*size-in-bits='[1-9]", xml)]


def check(include, flags=("-g",)):
    """What is wrong, as sentences; nothing when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        library = build(include, folder, flags)
        if missing := unseen(include, dump(library)):
            return [f"not described: {', '.join(missing)}. Was it built without debug information (-g)? "
                    "Does reference.c reach the struct?"]
        stored = reference(include)
        if not stored.exists():
            return [f"there is no {stored.name}: a new version gets its reference by `abi_guard.py write`"]
        diff = subprocess.run([*ABIDIFF, str(stored), str(library)], capture_output=True, text=True)
    if diff.returncode == 0:
        return []
    return [f"abi.h differs from {stored.name}. Structs only ever grow at the end, and each growth raises "
            f"REGCRED_ABI_MINOR.\n{diff.stdout}{diff.stderr}"]


def write(include):
    stored = reference(include)
    if stored.exists():
        return [f"{stored.name} exists: what is released is not rewritten; raise REGCRED_ABI_MINOR"]
    with tempfile.TemporaryDirectory() as folder:
        xml = dump(build(include, folder))
    if missing := unseen(include, xml):
        return [f"reference.c does not reach {', '.join(missing)}"]
    stored.write_text(xml)
    return []


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    findings = {"check": check, "write": write}[sys.argv[1]](pathlib.Path(sys.argv[2]))
    sys.exit("\n".join(findings) or 0)
