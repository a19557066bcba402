#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example of core/cli/README.md is a whole command: with its line in the list of commands.hpp it compiles, with the
flags of the other commands.

usage: new_command_test.py COMPILE_COMMANDS README WORK_DIRECTORY
"""
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.M | re.S)
NAME = re.compile(r"^const Command (\w+)_command = ", re.M)


def flags_of(source, commands):
    """How `source` is compiled, without its name and that of its output."""
    entry = next(entry for entry in json.loads(commands.read_text()) if entry["file"] == str(source))
    arguments = iter(shlex.split(entry["command"]))
    flags = []
    for argument in arguments:
        if argument in ("-o", "-c"):
            next(arguments)
        else:
            flags.append(argument)
    return flags, entry["directory"]


if __name__ == "__main__":
    commands, readme, work = (pathlib.Path(argument) for argument in sys.argv[1:])
    cli = readme.parent
    blocks = BLOCK.findall(readme.read_text())
    assert len(blocks) == 1, f"{readme}: {len(blocks)} examples in C++, this test is about one"
    name = NAME.search(blocks[0])[1]

    shutil.rmtree(work, ignore_errors=True)
    (work / "cli").mkdir(parents=True)
    (work / "cli" / f"{name}.cpp").write_text(blocks[0])
    last = "COMMAND(version)"
    listed = (cli / "commands.hpp").read_text()
    assert listed.count(last) == 1, f"commands.hpp: {last} does not stand there once"
    listed = listed.replace(last, f"{last} COMMAND({name})")
    (work / "cli/commands.hpp").write_text(listed)

    flags, directory = flags_of(cli / "version.cpp", commands)  # a command like it, never compiled together with others
    run = subprocess.run([*flags, "-iquote", work, "-fsyntax-only", work / "cli" / f"{name}.cpp"],
                         cwd=directory, capture_output=True, text=True)
    sys.exit(f"the example of {readme} does not compile:\n{run.stderr}" if run.returncode else 0)
