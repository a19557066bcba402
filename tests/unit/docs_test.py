#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the documentation to the project: links, keys, variables and configurations in it are real.

usage: docs_test.py CHECK SOURCE_DIRECTORY BUILD_DIRECTORY
"""
import ast
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from layout_test import files

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z]+:|#")  # https:, mailto:, or a place in the same file
DROP_IN_KEY = re.compile(r'\{"([a-z_]+)",\s*\{([^}]+)\}\}')
MUST_CONFIGURE = ("README.md", "cloudsmith/README.md")


def documents(root):
    for path in files(root):
        name = path.relative_to(root)
        if path.suffix == ".md" and not any(part.startswith(".") and part != ".github" for part in name.parts):
            yield name, path.read_text()


def rows(text):
    """The table rows that start with one word in backticks: that word, and the rest of the row."""
    return {match[1]: match[2] for match in re.finditer(r"^\| `([^`]+)` \|(.*)$", text, re.MULTILINE)}


def items(text):
    """The items of a list that start with one word in backticks and a value in brackets: that word, and the rest."""
    return {match[1]: match[2] for match in re.finditer(r"^\* `([^`]+)` (\([^)]*\): .+?)(?=\n\* |\n\n|\Z)", text,
                                                        re.MULTILINE | re.DOTALL)}


def links_lead_to_files(root, _):
    for path, text in documents(root):
        for match in LINK.finditer(INLINE_CODE.sub("", FENCE.sub("", text))):
            target = match[1] or match[2]
            if not ELSEWHERE.match(target) and not (root / path.parent / target.split("#")[0]).exists():
                yield f"{path}: the link {target} leads nowhere"


def schema_keys(schema, path=""):
    for name, part in schema.get("properties", {}).items():
        yield path + name, part
        yield from schema_keys(part, f"{path}{name}.")
        yield from schema_keys(part.get("items", {}), f"{path}{name}[].")


def every_key_is_described(root, _):
    described = items((root / "config/reference.md").read_text())
    known = {}
    for file in (root / "config/schema").glob("*.json"):
        known.update(schema_keys(json.loads(file.read_text())))
    for key, part in known.items():
        if not described.get(key, "").partition("): ")[2].strip():
            yield f"config/reference.md: nothing gives the meaning of {key}"
            continue
        for word in part.get("enum", []) + [part.get("default", "")]:
            if isinstance(word, str) and f"`{word}`" not in described[key] and word:
                yield f"config/reference.md: the text for {key} does not say `{word}`"
    for key in described.keys() - known.keys():
        yield f"config/reference.md: the schema has no key {key}"
    if not known:
        yield "config/schema: no keys found"


def the_schema_has_the_keys_that_the_reader_knows(root, _):
    source = (root / "core/config/schema.cpp").read_text()
    read = {key for keys in re.findall(r"_keys\[\] = \{([^}]+)\}", source) for key in re.findall(r'"(\w+)"', keys)}
    schema = json.loads((root / "config/schema/regcred-config.schema.json").read_text())
    known = {key.rpartition(".")[2] for key, _ in schema_keys(schema)}
    for key in sorted(read ^ known):
        yield f"{key}: known to " + ("core/config/schema.cpp only" if key in read else "config/schema only")


def every_variable_is_described(root, _):
    text = (root / "config/drop-in.md").read_text()
    source = (root / "core/config/drop_in_keys.hpp").read_text()
    known = {match[1]: re.findall(r'"(\w+)"', match[2]) for match in DROP_IN_KEY.finditer(source)}
    known["header_NAME"] = ["CLOUDSMITH_HEADER_NAME"]
    described = rows(text)
    for key, variables in known.items():
        for variable in variables:
            if f"`{variable}`" not in described.get(key, ""):
                yield f"config/drop-in.md: no row for `{key}` that names `{variable}`"
    for variable in set(re.findall(r"CLOUDSMITH_\w+", text)) - {name for names in known.values() for name in names}:
        yield f"config/drop-in.md: there is no variable {variable}"
    for key in described.keys() - known.keys():
        yield f"config/drop-in.md: there is no key {key}"
    if len(known) < 2:
        yield "core/config/drop_in_keys.hpp: no keys found"


def explain(regcred, config, image):
    return subprocess.run([regcred, "explain", image, "-o", "json", "--config", config], env={}, text=True,
                          capture_output=True, timeout=30, check=False)


def faults_of_configuration(regcred, text):
    """Loads `text`, and asks for one image of each pattern in it."""
    with tempfile.TemporaryDirectory() as directory:
        config = os.path.join(directory, "config.yaml")
        with open(os.open(config, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        loaded = explain(regcred, config, "nobody.invalid/image")
        if loaded.returncode not in (0, 4):
            yield loaded.stderr.strip()
            return
        for candidate in json.loads(loaded.stdout)["candidates"]:
            image = candidate["pattern"].replace("*", "x").rstrip("/")
            asked = explain(regcred, config, image + ("/app" if "/" in image else "/acme/app"))
            if asked.returncode != 0:
                yield f"pattern {candidate['pattern']}: {asked.stderr.strip()}"


def configurations_load(root, build):
    regcred = str(build / "tree/bin/regcred")
    found = set()
    for path, text in documents(root):
        for language, block in FENCE.findall(text):
            if language != "yaml" or "kind: RegistryConfig" not in block:
                continue
            found.add(path.as_posix())
            yield from (f"{path}: {fault}" for fault in faults_of_configuration(regcred, block))
    for path in MUST_CONFIGURE:
        if path not in found:
            yield f"{path}: no yaml block with kind: RegistryConfig"


def cases_of_package_test(root):
    """`./dev package --test` runs them, not ctest."""
    for group in ast.parse((root / "tests/packaging/package_test.py").read_text()).body:
        for case in group.body if isinstance(group, ast.ClassDef) else []:
            if isinstance(case, ast.FunctionDef) and case.name.startswith("test_"):
                yield f"package_test.{group.name}.{case.name.removeprefix('test_')}"


def every_promise_has_a_test(root, build):
    listing = subprocess.run(["ctest", "--test-dir", str(build), "-N"], capture_output=True, text=True, check=True).stdout
    tests = [*re.findall(r"Test\s+#\d+: (\S+)", listing), *cases_of_package_test(root)]
    table = re.findall(r"^\| ([A-Z]\d[a-z]?) \| [^|]+ \| (.+) \|$", (root / "tests/README.md").read_text(), re.MULTILINE)
    for promise, patterns in table:
        for pattern in re.findall(r"`([^`]+)`", patterns):
            if not any(re.search(pattern, test) for test in tests):
                yield f"tests/README.md: {promise}: no test matches {pattern}"
    listed = {promise for promise, _ in table}
    for test in tests:
        for promise in re.findall(r"(?<![A-Za-z0-9])([SLFHMICPENR]\d[a-z]?)_", test):
            if promise not in listed:
                yield f"tests/README.md: {test} names {promise}, which has no row"
    if not tests or not table:
        yield "no tests or no table found"


def every_public_header_is_named(root, _):
    """By core/sdk/README.md, which says that the headers named there are promised. testing.hpp includes testing/."""
    named = set(re.findall(r"`(?:include/regcred/|testing/)?(\w+\.hp?p?)`", (root / "core/sdk/README.md").read_text()))
    headers = [path for folder in ("core/sdk", "core/common") for path in (root / folder / "include/regcred").glob("*.h*")]
    for path in sorted(headers):
        if path.name not in named:
            yield f"core/sdk/README.md: does not name {path.name}, which is installed"
    for name in sorted(named - {path.name for path in headers} - {"matchers.hpp"}):
        yield f"core/sdk/README.md: there is no header {name}"
    if len(headers) < 10:
        yield "core/sdk/include/regcred: no headers found"


def version_of(root):
    return re.search(r"^project\(regcred VERSION (\S+)", (root / "CMakeLists.txt").read_text(), re.MULTILINE)[1]


def versions_in_texts_are_the_projects(root, _):
    version = version_of(root)
    texts = {path.as_posix(): text for path, text in documents(root) if path.name != "CHANGELOG.md"}
    chart = "config/kubernetes/chart/Chart.yaml"
    texts[chart] = (root / chart).read_text()
    found = set()
    for path, text in texts.items():
        for pattern in (r"\bregcred[-:_/](\d+\.\d+\.\d+)", r"^ +backend +[a-z]+ (\d+\.\d+\.\d+) /",
                        r"^(?:version|appVersion): \"?(\d+\.\d+\.\d+)"):
            for written in re.findall(pattern, text, re.MULTILINE):
                found.add(path)
                if written != version:
                    yield f"{path}: says version {written}, but CMakeLists.txt says {version}"
    for path in ("README.md", "config/kubernetes/README.md", chart):
        if path not in found:
            yield f"{path}: no version found"


def R3_every_action_is_pinned(root, _):
    """By commit, never by a tag, which its owner can move; and with no right but to read."""
    workflows = sorted((root / ".github/workflows").glob("*.yml"))
    for path in workflows:
        text = path.read_text()
        for use in re.findall(r"^\s*(?:- )?uses:\s*(\S+)", text, re.MULTILINE):
            if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", use):
                yield f"{path.name}: {use} is not pinned by a commit"
        if "permissions:\n  contents: read\n" not in text or re.search(r":\s*write\b", text):
            yield f"{path.name}: permissions are not `contents: read` alone"
    if not workflows:
        yield ".github/workflows: no workflow"


def R4_vulnerabilities_are_answered_in_time(root, _):
    text = (root / ".github/SECURITY.md").read_text()
    for words in ("report privately", "Within 7 days: an acknowledgement", "Within 30 days: a plan"):
        if words not in text:
            yield f".github/SECURITY.md: does not say '{words}'"


def the_version_has_its_section_in_the_changelog(root, _):
    version = version_of(root)
    if not re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$", (root / "CHANGELOG.md").read_text(), re.MULTILINE):
        yield f"CHANGELOG.md: no section `## {version} - YEAR-MONTH-DAY`"


CHECKS = [links_lead_to_files, every_key_is_described, every_variable_is_described,
          the_schema_has_the_keys_that_the_reader_knows, configurations_load, every_promise_has_a_test,
          every_public_header_is_named, versions_in_texts_are_the_projects, the_version_has_its_section_in_the_changelog,
          R3_every_action_is_pinned, R4_vulnerabilities_are_answered_in_time]

if __name__ == "__main__":
    check = {function.__name__: function for function in CHECKS}[sys.argv[1]]
    faults = list(check(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))
    print("\n".join(faults) or f"{check.__name__}: holds")
    sys.exit(1 if faults else 0)
