#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the linker script that puts side by side, in each file of the bundle, what requests of the kubelet run. A page
that is not yet mapped costs a fault of some microseconds, and one fault maps 64 KiB: spread over the whole code, the same
functions cost 130 of them.

usage: order.py TREE BENCH_PROGRAMS EMULATOR BUNDLE_TREE SCRIPT

BUNDLE_TREE: as `./dev package` linked it, with a link map beside each file, but with nothing in SCRIPT: of code in other
sections than .text, valgrind, which tells what runs, does not know the file.
"""
import bisect
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

from bench import CLEAN_ENV, Bench, local_cases, network_cases

HEAD = """\
/* SPDX-License-Identifier: Apache-2.0
   What requests of the kubelet run, side by side, so that few pages are touched. By section, or by member of an archive
   whose functions have no sections of their own. Written by `./dev order`; a name that is gone does no harm. */
SECTIONS
{
  .text.first :
  {
"""
TAIL = """\
  }
}
INSERT BEFORE .text;
"""


def names(script):
    """What of the code such a script puts first, as `sections` names it."""
    return set(re.findall(r"^    (.+)$", script, re.MULTILINE))


def executed(trace):
    """{file: addresses of its instructions that ran}, by the lines of a trace of callgrind ("Callgrind Format
    Specification": addresses are relative to the line before, names are written once and then numbered)."""
    addresses, files, here, address = collections.defaultdict(set), {}, None, 0
    for line in trace:
        if name := re.match(r"(c?ob)=\((\d+)\)(?: (.+))?", line):
            files.setdefault(name[2], name[3])
            if name[1] == "ob":
                here = addresses[files[name[2]]]
        elif position := re.match(r"(?:0x([0-9a-f]+)|([+-]\d+)|\*) ", line):
            address = int(position[1], 16) if position[1] else address + int(position[2] or 0)
            here.add(address)
    return addresses


def sections(link_map):
    """(address, size, what names it in a linker script) of each piece of code, sorted."""
    found = []
    layout = link_map.partition("\nLinker script and memory map")[2]
    for name, address, size, file in re.findall(r"^ (\.text\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$", layout, re.MULTILINE):
        member = re.search(r"([^/]+\.a)\((.+)\)$", file)
        if name != ".text":
            found.append((int(address, 16), int(size, 16), f"*({name})"))
        elif member:
            object_file = re.sub(r"-(x86_64|armv8)\.o", "-*.o", member[2])  # assembly of libcrypto
            found.append((int(address, 16), int(size, 16), f"*{member[1]}:{object_file}(.text)"))
    return sorted(found)


def pieces_of(addresses, pieces):
    """The names of the pieces in which the addresses are, in their order."""
    starts = [start for start, _, _ in pieces]
    for address in sorted(addresses):
        start, size, name = pieces[bisect.bisect(starts, address) - 1] if pieces else (0, 0, "")
        if start <= address < start + size:
            yield name


def trace(folder, command, stdin, env, expected):
    """The traces of callgrind of one request; the worker's is written before it answers, since it is killed then."""
    done = subprocess.run(["/usr/bin/valgrind", "-q", "--tool=callgrind", "--dump-instr=yes", "--dump-before=write",
                           f"--callgrind-out-file={folder}/%p", *command], input=stdin, env=env, capture_output=True, check=False)
    if done.returncode != expected:
        sys.exit(f"order: {command[0]}: ends with {done.returncode}, not {expected}: {done.stderr.decode()}")
    for file in sorted(folder.iterdir(), key=lambda file: [int(number) for number in file.name.split(".")]):
        yield file.read_text().splitlines()


def cases(world, bundle):
    """What kubelets ask for: nothing of ours, a secret of the node, an exchange, and on a node that keeps answers another
    exchange and what it kept."""
    local = local_cases(world, bundle)
    yield from (local["no match, bundle"], local["static, bundle"], network_cases(world, bundle, None)["regcred, bundle"])
    throttle = pathlib.Path(world.cache_directory("throttle"))
    throttle.mkdir(mode=0o700)
    config = world.cache_config("order", world.quick_host, throttle=f"throttleDirectory: {throttle}")
    keeping = ([f"{bundle}/bin/regcred", "--config", config], world.token_request, CLEAN_ENV, 0)
    yield from (keeping, keeping)


def main(tree, programs, emulator, bundle, script):
    bundle, script = pathlib.Path(bundle), pathlib.Path(script)
    if names(script.read_text()):
        sys.exit(f"order: {script}: {bundle} is linked in this order; take its names out and link anew, as ./dev order does")
    maps = {str(path.with_suffix("")): sections(path.read_text()) for path in bundle.rglob("*.map")}
    order = {}
    with tempfile.TemporaryDirectory() as folder, Bench(folder, tree, emulator, programs) as world:
        for case in cases(world, bundle):
            with tempfile.TemporaryDirectory() as traces:
                for lines in trace(pathlib.Path(traces), *case):
                    for file, addresses in sorted(executed(lines).items()):
                        order |= dict.fromkeys(pieces_of(addresses, maps.get(file, [])))
    script.write_text(HEAD + "".join(f"    {name}\n" for name in order) + TAIL)
    print(f"{script}: {len(order)} pieces of code")


if __name__ == "__main__":
    main(*sys.argv[1:])
