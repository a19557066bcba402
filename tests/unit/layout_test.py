#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the code to the layout: includes point down the list of stages, backends use the SDK only, sizes stay small.

usage: layout_test.py SOURCE_DIRECTORY
"""
import pathlib
import re
import sys

STAGES = ["main", "conformance", "cli", "agent", "node", "cluster", "config", "match", "dispatch", "cache", "loader", "worker", "kubelet", "record",
          "services", "sdk", "common"]
INCLUDE = re.compile(r'#include "([a-z_]+)/')
VERSION = re.compile(r'\.version = "([^"]*)"')
LINES_MAX = 350
COLUMNS_MAX = 120
ABI_LINES_MAX = 450  # one header is the whole contract
# What each command needs is put together in this one place.
COMPOSITION = "cli/workshop.cpp"
COMPOSED = re.compile(r'\blocate_installation\(|\bBackendLoader(?: \w+)?[({]|"CREDENTIALS_DIRECTORY"')
# The bodies of the SDK are for the SDK, of which common/include is a part, but for the code on the other side of the ABI:
# what reads and fills its structs.
OF_BACKENDS = ("cloudsmith", "backends", "tests/backends")
SDK = ("sdk/", "common/include/")
ABI_HOST = ("services/host.cpp", "services/http/crypto_table.cpp", "services/http/http_table.cpp",
            "services/http/request_rules.hpp", "services/process/", "dispatch/backend_call.cpp",
            "loader/handshake.cpp", "conformance/")
SDK_BODY = re.compile(r"(?<!nlohmann::)\bdetail::|<regcred/detail/")
# A public header of the SDK is a contract: what an author must know stands there, and bodies in detail/.
CONTRACTS = ("sdk/include/regcred/*.hpp", "sdk/include/regcred/testing/*.hpp", "common/include/regcred/*.hpp")
COMMENT_PERCENT_MIN = 40
BODY_BEGINS = re.compile(r"\)[\w ]*\{$")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
COMMENTS = {**dict.fromkeys((".cpp", ".hpp", ".h", ".c", ".go", ".rs"), "//"),
            **dict.fromkeys((".py", ".cmake", ".sh", ".in", ".yml"), "#"), ".map": "/*"}
MAKE = ("CMakeLists.txt", "Makefile")
# Data of tests, headers as they were released, and a project that belongs to whoever makes it from the template.
UNMARKED = ("tests/fuzz/corpus/", "tests/fuzz/regressions/", "tests/kubelet/judge/cases/", "tests/contract/released/",
            "core/sdk/template/")
ROOT = {"README.md", "CMakeLists.txt", "CMakePresets.json", "LICENSE", "CHANGELOG.md", "dev", "core", "cloudsmith",
        "backends", "config", "tests"}


def files(root):
    """Every file of the project. build/ is large, and other processes may be at work in it."""
    tops = [entry for entry in root.iterdir() if entry.name not in ("build", ".git")]
    return sorted(path for top in tops for path in (top, *top.rglob("*")) if path.is_file())


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in {".cpp", ".hpp", ".h", ".c"})


def without_licence(root):
    for path in files(root):
        name = path.relative_to(root).as_posix()
        comment = "#" if path.name in MAKE or name in ("dev", ".ci/run") else COMMENTS.get(path.suffix)
        if comment and not name.startswith(UNMARKED):
            lines = [line for line in path.read_text().splitlines()[:2] if not line.startswith("#!")]
            first = f"{comment} {LICENCE}" + (" */" if comment == "/*" else "")
            if lines[:1] != [first]:
                yield f"{name}: does not begin with '{first}'"


def broken_contracts(core):
    for path in sorted(path for pattern in CONTRACTS for path in core.glob(pattern)):
        name = path.relative_to(core)
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
        comments = sum("//" in line.replace("://", "") for line in lines)
        if 100 * comments < COMMENT_PERCENT_MIN * len(lines):
            yield f"{name}: {100 * comments // len(lines)} % of its lines have a comment, at least {COMMENT_PERCENT_MIN}"
        for at, line in enumerate(lines):
            if BODY_BEGINS.search(line.partition("//")[0].rstrip()) and lines[at + 2:at + 3] != ["}"]:
                yield f"{name}: a body of more than one line, which belongs into detail/: {line}"


def wide_lines(path):
    """Lines of text that could be broken. Tables, code and a word that is long by itself cannot."""
    is_code = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        is_code ^= line.startswith("```")
        if len(line) > COLUMNS_MAX and " " in line.strip() and not is_code and not line.startswith(("|", "    ")):
            yield number, len(line)


def findings(root):
    yield from without_licence(root)
    core = root / "core"
    yield from broken_contracts(core)
    for path in sources(core):
        relative = path.relative_to(core)
        stage = "main" if len(relative.parts) == 1 else relative.parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match and match[1] in STAGES and STAGES.index(match[1]) < STAGES.index(stage):
                yield f"{relative}:{number}: {stage} includes {match[1]}, which stands above it"
    for path in [core / "main.cpp", *(path for stage in STAGES for path in sources(core / stage))]:
        if path.relative_to(core).parts[0] in {"conformance", "loader"} or path == core / COMPOSITION:
            continue  # a program of its own; where the parts are defined
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if match := COMPOSED.search(line.partition("//")[0]):
                yield f"{path.relative_to(core)}:{number}: {match[0]} belongs into {COMPOSITION} only"
    for path in sources(core) + [path for folder in OF_BACKENDS for path in sources(root / folder)]:
        name = path.relative_to(core if path.is_relative_to(core) else root).as_posix()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not name.startswith((*SDK, *ABI_HOST)) and SDK_BODY.search(line):
                yield f"{name}:{number}: detail:: of the SDK, which only the SDK and the ABI's host may use"
    for folder in ("cloudsmith", "backends"):
        for path in sources(root / folder):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if match and match[1] in STAGES:
                    yield f"{path.relative_to(root)}:{number}: a backend includes {match[1]}/, it may use the SDK only"
    for path in sources(core) + sources(root / "cloudsmith") + sources(root / "backends") + sources(root / "tests"):
        lines = len(path.read_text().splitlines())
        lines_max = ABI_LINES_MAX if path.name == "abi.h" else LINES_MAX
        if lines > lines_max:
            yield f"{path.relative_to(root)}: {lines} lines, at most {lines_max}: does more than one thing live here?"
    version = re.search(r"^project\(regcred VERSION (\S+)", (root / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
    for path in sources(root / "cloudsmith") + sources(root / "backends"):
        for written in VERSION.findall(path.read_text()):
            if written != version:
                yield f"{path.relative_to(root)}: version {written}, but CMakeLists.txt says {version}: use REGCRED_BACKEND_VERSION"
    for entry in root.iterdir():
        if not entry.name.startswith(".") and entry.name not in ROOT | {"build"}:
            yield f"{entry.name}: does not belong into the root folder"
    readmes = [path for path in files(root) if path.name == "README.md"]
    for path in [*readmes, *root.glob("core/sdk/guide/*.md"), *root.glob("config/packaging/*.md")]:
        for number, columns in wide_lines(path):
            yield f"{path.relative_to(root)}:{number}: {columns} columns, at most {COLUMNS_MAX}"
    for path in readmes:
        # The two at the top are maps of much; a walkthrough is as long as its way.
        if path.parent in {root, root / "tests", root / "config/kubernetes"}:
            continue
        lines = len(path.read_text().splitlines())
        if lines > 60:
            yield f"{path.relative_to(root)}: {lines} lines, at most 60"


if __name__ == "__main__":
    found = list(findings(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "layout holds")
    sys.exit(1 if found else 0)
