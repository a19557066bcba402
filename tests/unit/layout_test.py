#!/usr/bin/env python3
"""Holds the code to the layout: includes point down the list of stages, backends use the SDK only, sizes stay small.

usage: layout_test.py SOURCE_DIRECTORY
"""
import pathlib
import re
import sys

STAGES = ["main", "conformance", "cli", "cluster", "config", "match", "dispatch", "loader", "worker", "kubelet", "record",
          "services", "sdk", "common"]
INCLUDE = re.compile(r'#include "([a-z_]+)/')
VERSION = re.compile(r'\.version = "([^"]*)"')
LINES_MAX = 350
# What each command needs is put together in this one place.
COMPOSITION = "cli/workshop.cpp"
COMPOSED = re.compile(r'\blocate_installation\(|\bBackendLoader(?: \w+)?[({]|"CREDENTIALS_DIRECTORY"')
ROOT = {"README.md", "CMakeLists.txt", "CMakePresets.json", "LICENSE", "CHANGELOG.md", "dev", "core", "cloudsmith",
        "backends", "config", "tests"}


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in {".cpp", ".hpp", ".h", ".c"})


def findings(root):
    core = root / "core"
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
    for folder in ("cloudsmith", "backends"):
        for path in sources(root / folder):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if match and match[1] in STAGES:
                    yield f"{path.relative_to(root)}:{number}: a backend includes {match[1]}/, it may use the SDK only"
    for path in sources(core) + sources(root / "cloudsmith") + sources(root / "backends") + sources(root / "tests"):
        lines = len(path.read_text().splitlines())
        if lines > LINES_MAX:
            yield f"{path.relative_to(root)}: {lines} lines, at most {LINES_MAX}: does more than one thing live here?"
    version = re.search(r"^project\(regcred VERSION (\S+)", (root / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
    for path in sources(root / "cloudsmith") + sources(root / "backends"):
        for written in VERSION.findall(path.read_text()):
            if written != version:
                yield f"{path.relative_to(root)}: version {written}, but CMakeLists.txt says {version}: use REGCRED_BACKEND_VERSION"
    for entry in root.iterdir():
        if not entry.name.startswith(".") and entry.name not in ROOT | {"build"}:
            yield f"{entry.name}: does not belong into the root folder"
    for path in root.rglob("README.md"):
        # The two at the top are maps of much; a walkthrough is as long as its way.
        if "build" in path.relative_to(root).parts or path.parent in {root, root / "tests", root / "config/kubernetes"}:
            continue
        lines = len(path.read_text().splitlines())
        if lines > 60:
            yield f"{path.relative_to(root)}: {lines} lines, at most 60"


if __name__ == "__main__":
    found = list(findings(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "layout holds")
    sys.exit(1 if found else 0)
