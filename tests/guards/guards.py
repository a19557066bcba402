#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes away the code that keeps a promise, one guard at a time, and expects the promise's tests to fail.

usage: guards.py run [--tree DIRECTORY] [GUARD...]   GUARD: the beginning of "ID what", as in H3 or "H3 the host"
       guards.py check                               builds nothing: each row fits its file, each promise has a row

`run` works on a copy of the last commit, which stays for the next run. It ends with status 1 when a guard can be taken
away and no test fails. The rows are in guards.toml.
"""
import argparse
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = "60"  # of a test without a time of its own: one that hangs has failed
PROMISE = re.compile(r"^\| ([A-Z]\d[a-z]?) \| [^|]+ \| (.+) \|$", re.MULTILINE)


def promises():
    """ID -> regular expression of its tests."""
    table = (ROOT / "tests/README.md").read_text()
    return {promise: "|".join(re.findall(r"`([^`]+)`", tests)) for promise, tests in PROMISE.findall(table)}


def read_guards():
    guards = tomllib.loads((HERE / "guards.toml").read_text())["guard"]
    tests = promises()
    for guard in guards:
        guard["title"] = f"{guard['id']} {guard['what']}"
        guard.setdefault("tests", tests.get(guard["id"], ""))
    return guards


def edits(guard, root):
    """(file, old, new): one, or as many as the row's lists are long."""
    columns = [part if isinstance(part, list) else [part] for part in map(guard.get, ("file", "marker", "old", "new"))]
    count = max(map(len, columns))
    rows = zip(*(column * count if len(column) == 1 else column for column in columns), strict=True)
    return [marked_edit(root, *row) if row[1] else (row[0], row[2], row[3]) for row in rows]


def marked_edit(root, file, marker, old, new):
    """The line that ends in `// guard: MARKER`, or the one below it when it holds nothing else.

    `new` stands for all of that line, or only for what `old` names of it.
    """
    comment = f"// guard: {marker}"
    lines = (root / file).read_text().splitlines(True) if (root / file).is_file() else []
    marked = [at for at, line in enumerate(lines[:-1]) if line.rstrip().endswith(comment)]
    if len(marked) != 1:
        return file, comment, new
    above = lines[marked[0]] if lines[marked[0]].strip() == comment else ""
    line = lines[marked[0] + bool(above)]
    if old and line.count(old) != 1:
        return file, f"{old} in the line of {comment}", new
    indentation = line[:len(line) - len(line.lstrip())]
    return file, above + line, above + (line.replace(old, new) if old else f"{indentation}{new}\n")


def faults():
    guards = read_guards()
    for guard in guards:
        for file, old, new in edits(guard, ROOT):
            path = ROOT / file
            found = path.read_text().count(old) if path.is_file() else 0
            if found != 1 or old == new:
                yield f"{guard['title']}: the text to take away stands {found} times in {file}, expected once: {old!r}"
    known = promises()
    guarded = {guard["id"] for guard in guards}
    of_packages = {promise for promise, tests in known.items() if tests.startswith("package_test")}  # not run by ctest
    yield from (f"tests/README.md: {promise} has tests, but no row in guards.toml" for promise in known.keys() - guarded - of_packages)
    yield from (f"guards.toml: {promise} has no row in tests/README.md" for promise in guarded - known.keys())


def check():
    found = sorted(faults())
    print("\n".join(found) or f"{len(read_guards())} guards: each stands in its file, each promise has one")
    return 1 if found else 0


class Tree:
    """A copy of the last commit, built there with preset dev."""

    def __init__(self, path):
        self.path = path
        self.build_directory = path / "build/dev"
        self.stale = set()  # what was last built with a guard taken away

    def export(self):
        """Writes only what differs, so that only that is built again."""
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        wanted = set()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                path = self.path / member.name
                if not member.isfile():
                    continue
                wanted.add(path)
                data = tar.extractfile(member).read()
                if not path.is_file() or path.read_bytes() != data:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
                path.chmod(member.mode & 0o755)  # regcred does not trust files that a group may write
        for path in self.path.rglob("*"):
            if path.is_file() and path not in wanted and path.relative_to(self.path).parts[0] != "build":
                path.unlink()

    def build(self, targets):
        """The end of the compiler's words when that fails, else nothing."""
        log = self.path / "build/build.log"
        with open(log, "w", encoding="utf-8") as out:
            done = subprocess.run(["cmake", "--build", "--preset", "dev", "--target", *sorted(targets)],
                                  cwd=self.path, stdout=out, stderr=subprocess.STDOUT, check=False)
        return "".join(log.read_text(errors="replace").splitlines(True)[-8:]) if done.returncode != 0 else ""

    def configure_and_build_all(self):
        (self.path / "build").mkdir(exist_ok=True)
        subprocess.run(["cmake", "--preset", "dev"], cwd=self.path, check=True, stdout=subprocess.DEVNULL)
        failure = self.build(["all"])
        if failure:
            sys.exit(f"{failure}\nthe tree does not build as it is")

    def programs(self, tests):
        """What ninja builds of what these tests run."""
        listed = subprocess.run(["ctest", "--preset", "dev", "-R", tests, "--show-only=json-v1"], cwd=self.path,
                                capture_output=True, text=True, check=True).stdout
        words = {word for test in json.loads(listed)["tests"] for word in test.get("command", [])}
        files = {pathlib.Path(word) for word in words if word.startswith(f"{self.build_directory}/")}
        return {str(file.relative_to(self.build_directory)) for file in files if os.access(file, os.X_OK) and file.is_file()}

    def run_tests(self, tests):
        """Test name -> whether it passed; skipped ones are left out."""
        report = self.path / "build/tests.xml"
        report.unlink(missing_ok=True)
        subprocess.run(["ctest", "--preset", "dev", "-R", tests, "-j", str(os.cpu_count()), "--timeout", SECONDS,
                        "--output-junit", str(report)], cwd=self.path, capture_output=True, check=False)
        cases = xml.etree.ElementTree.parse(report).iter("testcase") if report.exists() else []
        return {case.get("name"): case.get("status") == "run" for case in cases if case.get("status") in ("run", "fail")}


def fails_without(guard, tree, reliable):
    """Takes the guard away, and gives whether a test fails, and a few words."""
    texts = {file: (tree.path / file).read_text() for file, _, _ in edits(guard, tree.path)}
    try:
        targets = tree.programs(guard["tests"]) | set(guard.get("build", []))
        if tree.stale - targets:
            tree.build(tree.stale - targets)
        tree.stale = targets
        for file, old, new in edits(guard, tree.path):
            path = tree.path / file
            path.write_text(path.read_text().replace(old, new))
        failure = tree.build(targets) if targets else ""
        if failure:
            return False, f"DOES NOT BUILD\n{failure}"
        outcome = {test: passed for test, passed in tree.run_tests(guard["tests"]).items() if test in reliable}
        failed = sorted(test for test, passed in outcome.items() if not passed)
        words = f"{len(failed)} of {len(outcome)} tests fail" if failed else f"SURVIVED {len(outcome)} tests"
        return bool(failed), words + (f" ({failed[0]})" if failed else "")
    finally:
        for file, text in texts.items():
            (tree.path / file).write_text(text)


def run(tree, wanted):
    guards = [guard for guard in read_guards() if not wanted or guard["title"].startswith(tuple(wanted))]
    if not guards:
        sys.exit("no such guard")
    tree.export()
    tree.configure_and_build_all()
    before = tree.run_tests("|".join(sorted({guard["tests"] for guard in guards})))
    for test in sorted(test for test, passed in before.items() if not passed):
        print(f"fails with every guard in its place, so it proves nothing: {test}")
    reliable = {test for test, passed in before.items() if passed}
    failed = 0
    for guard in guards:
        proved, words = fails_without(guard, tree, reliable)
        failed += not proved
        print(f"{guard['title']}: {words}", flush=True)
    print(f"{len(guards) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("command", choices=["run", "check"])
    parser.add_argument("guards", nargs="*")
    parser.add_argument("--tree", type=pathlib.Path, default=ROOT / "build/guards/tree")
    arguments = parser.parse_args()
    if arguments.command == "check":
        return check()
    arguments.tree.mkdir(parents=True, exist_ok=True)
    return run(Tree(arguments.tree.resolve()), arguments.guards)


if __name__ == "__main__":
    sys.exit(main())
