#!/usr/bin/env python3
"""Manual pages: nothing to warn of, and everything in them that --help and the schema know.

usage: manual_test.py SHARE REGCRED SCHEMA
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


def commands_of(help_text):
    listed = help_text.partition("Subcommands:")[2]
    return re.findall(r"^  ([a-z][a-z-]*)", listed, re.MULTILINE)


def options_of(help_text):
    return set(re.findall(r"(--[a-z][a-z-]*)", help_text.partition("Options:")[2]))


def keys_of(schema, path=""):
    for key, value in schema.get("properties", {}).items():
        name = f"{path}.{key}" if path else key
        yield name
        yield from keys_of(value, name)
        yield from keys_of(value.get("items", {}), name + "[]")


def missing_of_program(page, regcred):
    def help_of(*words):
        return subprocess.run([regcred, *words, "--help"], capture_output=True, text=True, check=True).stdout

    def walk(words):
        text = help_of(*words)
        yield from (option for option in options_of(text) if option not in page)
        for command in commands_of(text):
            if f"regcred {' '.join([*words, command])}" not in page:
                yield " ".join([*words, command])
            yield from walk([*words, command])

    return sorted(walk([]))


def main():
    share, regcred, schema = sys.argv[1:]
    folder = pathlib.Path(share) / "man"
    program = shown(folder / "man1/regcred.1")
    configuration = shown(folder / "man5/regcred.yaml.5")
    missing = missing_of_program(program, regcred)
    missing += [key for key in keys_of(json.loads(pathlib.Path(schema).read_text())) if key not in configuration]
    for section in ("EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"):
        missing += [] if section in program else [section]
    for page in folder.rglob("*.[15]"):
        subprocess.run(["mandoc", "-T", "lint", "-W", "error", str(page)], check=True)
    print("missing in the manual: " + ", ".join(missing) if missing else "the manual has everything")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
