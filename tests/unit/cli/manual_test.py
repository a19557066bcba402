#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages: nothing to warn of; those of programs have exactly the commands and options of --help, regcred.yaml(5)
all keys.

usage: manual_test.py SHARE REGCRED SCHEMA SOURCE CONFORMANCE ITS_SOURCE
"""
import json
import os
import pathlib
import re
import subprocess
import sys


def shown(page):
    """The page as a reader sees it, on lines that are long enough for every word."""
    result = subprocess.run(["man", "--warnings", "--local-file", str(page)], capture_output=True, text=True, check=True,
                            env=dict(os.environ, MANWIDTH="500", LC_ALL="C.UTF-8", MAN_KEEP_FORMATTING=""))
    assert result.stderr == "", result.stderr
    return re.sub(r"[‐‑−]", "-", result.stdout)


def helps(regcred, words=()):
    """Each command, "" for the program itself, and the options that its --help lists."""
    text = subprocess.run([regcred, *words, "--help"], capture_output=True, text=True, check=True).stdout
    options = text.partition("Options:")[2].partition("Subcommands:")[0]
    named = re.findall(r"^  (-\S+)", options, re.MULTILINE)
    yield " ".join(words), {name for names in named for name in names.split(",")}
    for command in re.findall(r"^  ([a-z][a-z-]*)", text.partition("Subcommands:")[2], re.MULTILINE):
        yield from helps(regcred, (*words, command))


def described(source):
    """The same of the manual's source: its sections of commands, and the items that start with an option."""
    program = source.partition("# OPTIONS")[2].partition("# COMMANDS")
    for section in ["\n" + program[0], *program[2].partition("\n# ")[0].split("\n## regcred ")[1:]]:
        title, _, text = section.partition("\n")
        items = re.findall(r"^\* ((?:`-[^`]+`(?:, )?)+)", text, re.MULTILINE)
        yield re.sub(r" \[?\*.*", "", title), {name for item in items for name in re.findall(r"`([^`]+)`", item)}


def keys_of(schema, path=""):
    for key, value in schema.get("properties", {}).items():
        name = f"{path}.{key}" if path else key
        yield name
        yield from keys_of(value, name)
        yield from keys_of(value.get("items", {}), name + "[]")


def differences(program, manual):
    for command in sorted(program.keys() | manual.keys()):
        known = program.get(command, set()) - (set() if command == "" else {"-h", "--help"})
        for name in known - manual.get(command, set()):
            yield f"regcred {command}: {name} is not in the manual"
        for name in manual.get(command, set()) - known:
            yield f"regcred {command}: {name} is in the manual only"
        if command not in manual or command not in program:
            yield f"regcred {command}: only " + ("--help" if command in program else "the manual") + " has it"


def main():
    share, regcred, schema, source, conformance, its_source = sys.argv[1:]
    folder = pathlib.Path(share) / "man"
    program = shown(folder / "man1/regcred.1")
    configuration = shown(folder / "man5/regcred.yaml.5")
    manual = dict(described(pathlib.Path(source).read_text()))
    missing = list(differences(dict(helps(regcred)), manual))
    missing += differences(dict(helps(conformance)), dict(described(pathlib.Path(its_source).read_text())))
    missing += [name for names in manual.values() for name in names if name not in program]
    missing += [key for key in keys_of(json.loads(pathlib.Path(schema).read_text())) if key not in configuration]
    for section in ("EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"):
        missing += [] if section in program else [section]
    for page in folder.rglob("*.[15]"):
        subprocess.run(["mandoc", "-T", "lint", "-W", "error", str(page)], check=True)
    print("\n".join(missing) if missing else "the manual has everything")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
