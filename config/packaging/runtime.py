# SPDX-License-Identifier: Apache-2.0
"""An installed tree becomes a bundle: what it is started with and linked to lies beside it, and the node's is not used.

PREFIX/bin/NAME                        the launcher (launcher/launcher.c)
PREFIX/lib/regcred/runtime/NAME        the program that it starts
PREFIX/lib/regcred/runtime/ld-linux*   the dynamic loader, which looks into this directory and nowhere else
PREFIX/lib/regcred/runtime/*.so.*      libc, and what else the programs and the backends of other teams are linked to
"""
import pathlib
import re
import shutil
import subprocess

PROGRAMS = ("regcred", "regcred-conformance")
# What a backend may need that was built for this glibc or an older one, where some of these held code.
FOR_BACKENDS = ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2", "libstdc++.so.6",
                "libgcc_s.so.1")
LOADERS = {"Advanced Micro Devices X86-64": "ld-linux-x86-64.so.2", "AArch64": "ld-linux-aarch64.so.1"}
NODE_FILES = (b"\0/etc/ld.so.preload\0", b"\0/etc/ld.so.cache\0")


def elf(path, *options):
    """The words of readelf about a file."""
    return subprocess.run(["readelf", "--wide", *options, str(path)], check=True, capture_output=True, text=True).stdout


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", elf(path, "--dynamic"))


def loader_name(program):
    return LOADERS[re.search(r"Machine:\s+(.+)", elf(program, "--file-header"))[1]]


def blinded(loader):
    """The loader's bytes without the places on the node where glibc looks whatever its options say: directories of
    libraries, the list of libraries for every process, the cache."""
    lists = set(re.findall(rb"/lib/[a-z0-9_]+-linux-gnu/\0/usr/lib/[a-z0-9_]+-linux-gnu/\0/lib/\0/usr/lib/\0", loader))
    for text in lists | set(NODE_FILES):
        if text not in loader:
            raise SystemExit(f"the dynamic loader does not hold {text}: this glibc has other places")
        loader = loader.replace(text, re.sub(rb"/[^\0]+", nowhere, text))
    if not lists:
        raise SystemExit("the dynamic loader names no directory of libraries: this glibc has other places")
    return loader


def nowhere(path):
    """A path of the same length, from / as glibc wants it, under a name that nothing has."""
    return b"/\x7f".ljust(len(path[0]), b"\0")


def find(name, directories):
    for directory in directories:
        path = pathlib.Path(directory) / name
        if path.exists():
            return path
    raise SystemExit(f"{name} is in none of {', '.join(map(str, directories))}")


def make_bundle(tree, launcher, directories):
    """Turns the installed `tree` into a bundle, with libraries from `directories`. Gives {file in it: where it is from}."""
    runtime = tree / "lib/regcred/runtime"
    runtime.mkdir()
    loader = loader_name(tree / "bin" / PROGRAMS[0])
    for name in PROGRAMS:
        (tree / "bin" / name).rename(runtime / name)
        shutil.copy(launcher, tree / "bin" / name)
        (tree / "bin" / name).chmod(0o755)
    origin = {runtime / loader: find(loader, directories)}
    (runtime / loader).write_bytes(blinded(origin[runtime / loader].read_bytes()))
    (runtime / loader).chmod(0o755)
    wanted = [*FOR_BACKENDS]
    for path in [*(runtime / name for name in PROGRAMS), *tree.glob("lib/regcred/*.so"), *tree.glob("lib/regcred/backends/*.so")]:
        wanted += needed(path)
    while wanted:
        target = runtime / wanted.pop()
        if target.exists():
            continue
        origin[target] = find(target.name, directories)
        shutil.copy(origin[target].resolve(), target)
        target.chmod(0o644)
        wanted += needed(target)
    return origin
