#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chart as helm renders it, against the program and its schema.

usage: chart_test.py SOURCE TREE [--record] [NAME]     --record writes golden/ and values.schema.json anew
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import helm_program
from helm_program import go_program

HERE = pathlib.Path(__file__).resolve().parent
SOURCE, TREE = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
RECORD = "--record" in sys.argv
CHART = SOURCE / "config/kubernetes/chart"
REGCRED = TREE / "bin/regcred"
SEPARATOR = re.compile(r"^---\n", re.MULTILINE)
GOOD = sorted(path.stem for path in (HERE / "values").glob("*.yaml"))
IMAGE = "image: { repository: mirror.example.org/regcred }\n"
ENTRY = "registries: [{ name: a, matchImages: [a.example.com], backend: static%s }]\n"
# Values that are refused, and words of the reason.
REFUSED = {
    "no image": ("registries: []\n", "minLength"),
    "no registries": (IMAGE + "registries: []\n", "registries: is empty"),
    "a key that is not known": (IMAGE + ENTRY % ", auidence: x", "additional properties 'auidence' not allowed"),
    "a backend's path": (IMAGE + ENTRY.replace("static", "../x") % "", "does not match pattern"),
    "a value that is not known": (IMAGE + "modes: install\n" + ENTRY % "", "additional properties 'modes' not allowed"),
    "another mode": (IMAGE + "mode: uninstall\n" + ENTRY % "", "must be one of"),
    "a relative path": (IMAGE + "paths: { run: run/regcred }\n" + ENTRY % "", "does not match pattern"),
    "a password in the values": (IMAGE + "secretFiles: [{ name: p, value: s3cret }]\n" + ENTRY % "", "not allowed"),
    "a token without audience": (IMAGE + ENTRY.replace("static", "cloudsmith") % "", "`audience` is missing"),
    "an optional token without audience": (IMAGE + ENTRY.replace("static", "ecr") % "", "`audience` is missing"),
    "every audience": (IMAGE + ENTRY.replace("static", "ecr") % ', audience: "*"', "would let the nodes ask for any audience"),
}
# The installer's image, and patterns: whether the kubelet would ask regcred for it.
OWN_IMAGE = [
    ("a.example.com/regcred", ["a.example.com"]),
    ("a.example.com/regcred", ["b.example.com", "*.example.com"]),
    ("a.example.com/regcred", ["*.com"]),
    ("a.example.com/regcred", ["a.ex*mple.com"]),
    ("a.example.com/regcred", ["?.example.com", "a.example.com#x"]),
    ("a.example.com/regcred", ["a.example.com?x"]),
    ("a.example.com/regcred", ["a.example.com:443"]),
    ("a.example.com:443/regcred", ["a.example.com"]),
    ("a.example.com:443/regcred", ["a.example.com:443"]),
    ("a.example.com/tools/regcred", ["a.example.com/tools"]),
    ("a.example.com/tools/regcred", ["a.example.com/tools/"]),
    ("a.example.com/tools/regcred", ["a.example.com/other/"]),
    ("a.example.com/tools/regcred", ["aXexample.com", "a.example.co", "a.example.com.de"]),
    ("regcred", ["docker.io"]),
    ("tools/regcred", ["docker.io/library/"]),
    ("tools/regcred", ["*.io"]),
    ("localhost/regcred", ["docker.io", "localhost"]),
]


def helm(*words, text=None):
    return subprocess.run([HELM, *map(str, words)], capture_output=True, text=True, input=text)


def template(*words, text=None):
    return helm("template", "regcred", CHART, "--namespace", "kube-system", "--kube-version", "1.34.4", *words, text=text)


def with_values(text):
    return template("--values", "-", text=text)


def objects(rendered):
    """Of `rendered`, by kind and name. kubectl's own reading of YAML is not at hand: helm turns it into JSON."""
    found = {}
    for document in SEPARATOR.split(rendered):
        kind, name = (re.search(pattern, document, re.MULTILINE) for pattern in (r"^kind: (\S+)", r"^  name: (\S+)"))
        if kind:
            found[kind[1], name[1]] = document
    return found


def configuration(rendered):
    """regcred's configuration in the ConfigMap."""
    (text,) = (text for (kind, _), text in objects(rendered).items() if kind == "ConfigMap" and "  config.yaml: |" in text)
    lines = text.partition("  config.yaml: |\n")[2].splitlines(keepends=True)
    return "".join(line[4:] if line.strip() else line for line in lines)


def resources(text):
    """The audiences of a ClusterRole, however each of them is quoted."""
    block = re.search(r"\n    resources:\n((?: +- .*\n| +#.*\n)+)", text)[1]
    words = re.findall(r"^ +- (.+)$", block, re.MULTILINE)
    return [word[1:-1].replace("''", "'") if word[0] == "'" else json.loads(word) if word[0] == '"' else word for word in words]


class Chart(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="regcred-chart-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def rendered(self, name):
        done = template("--values", HERE / f"values/{name}.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def configured(self, text):
        path = self.folder / "config.yaml"
        path.write_text(text)
        return path

    def regcred(self, *words):
        return subprocess.run([REGCRED, *map(str, words)], capture_output=True, text=True)

    def test_lint(self):
        for name in GOOD:
            done = helm("lint", "--strict", "--kube-version", "1.34.4", CHART, "--values", HERE / f"values/{name}.yaml")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_is_rendered_is_what_was_reviewed(self):
        for name in GOOD:
            golden = HERE / f"golden/{name}.yaml"
            if RECORD:
                golden.write_text(self.rendered(name))
            self.assertEqual(self.rendered(name), golden.read_text(), f"{golden}; after a look: --record")

    def test_schema_has_registries_and_defaults_of_the_programs_own(self):
        """But for escapes: those of Go's regular expressions."""
        path = CHART / "values.schema.json"
        schema = json.loads(path.read_text())
        text = (SOURCE / "config/schema/regcred-config.schema.json").read_text()
        own = json.loads(re.sub(r"\\\\u00([0-9a-f]{2})", r"\\\\x\1", text))["properties"]
        if RECORD:
            schema["properties"].update(registries=own["registries"], defaults=own["defaults"])
            path.write_text(as_text(schema) + "\n")
        for name in ("registries", "defaults"):
            self.assertEqual(schema["properties"][name], own[name], "the chart's schema is older: run with --record")

    def test_values_that_are_wrong_are_refused_with_the_reason(self):
        for what, (values, words) in REFUSED.items():
            done = with_values(values)
            self.assertNotEqual(done.returncode, 0, what)
            self.assertIn(words, done.stderr, what)

    def test_configuration_is_one_that_the_program_takes(self):
        for name in GOOD:
            if name == "remove":
                continue
            text = configuration(self.rendered(name))
            checked = self.regcred("check", "--config", self.configured(text))
            errors = [line for line in checked.stdout.splitlines()
                      if ": error: " in line and not re.search(r"\[(secret-file|metrics-file|event-spool)\]$", line)]  # of the node
            self.assertEqual(errors, [], checked.stdout + checked.stderr)

    def test_rbac_is_what_the_program_writes(self):
        for name in GOOD:
            if name == "remove":
                continue
            rendered = self.rendered(name)
            done = self.regcred("generate", "rbac", "--config", self.configured(configuration(rendered)))
            role = objects(rendered).get(("ClusterRole", "regcred-audiences"))
            if done.returncode == 3 and "no entry has an `audience`" in done.stderr:
                self.assertIsNone(role, name)
                continue
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(resources(role), resources(done.stdout), name)
            self.assertIn('verbs: ["request-serviceaccounts-token-audience"]', role)

    def test_backends_without_a_token_are_those_of_the_program(self):
        known = re.search(r'define "regcred.tokenless" -\}\}(.*?)\{\{', (CHART / "templates/_helpers.tpl").read_text())[1].split()
        backends = json.loads(self.regcred("backends", "-o", "json").stdout)
        self.assertEqual(known, [each["name"] for each in backends if each["serviceAccountToken"] == "never"])

    def test_own_image_is_refused_exactly_when_the_kubelet_would_ask_for_it(self):
        for image, patterns in OWN_IMAGE:
            entry = f"{{ name: a, matchImages: {json.dumps(patterns)}, backend: static }}"
            done = with_values(f"image: {{ repository: '{image}' }}\nregistries: [{entry}]\n")
            path = self.configured("apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n  - " + entry + "\n")
            asked = self.regcred("explain", f"{image}:0.1.0", "--config", path)
            self.assertIn(asked.returncode, (0, 4), asked.stderr)
            self.assertEqual(done.returncode != 0, asked.returncode == 0, f"{image} {patterns}: {done.stderr} {asked.stdout}")
            if done.returncode != 0:
                self.assertIn("the installer would need what it installs", done.stderr)

    def test_settings_roll_nothing_and_what_the_kubelet_reads_does(self):
        def pods(text):
            """The template of the pods, and the ConfigMap's name."""
            rendered = with_values(text)
            self.assertEqual(rendered.returncode, 0, rendered.stderr)
            return objects(rendered.stdout)["DaemonSet", "regcred"]

        text = (HERE / "values/two.yaml").read_text()
        before = pods(text)
        for old, new in (("default-v9ty", "another"), ("requestLog: journald", "requestLog: syslog"), ("username: puller", "username: p"),
                         ("name: cloudsmith", "name: renamed")):
            self.assertIn(old, text)
            self.assertEqual(pods(text.replace(old, new)), before, new)
        for old, new in (("docker.cloudsmith.io", "dl.cloudsmith.io"), ("audience: cloudsmith", "audience: other"), ("cloudsmith.io/org-slug]", "]"),
                         ("backend: static", "backend: static\n    serviceAccountToken: never")):
            self.assertIn(old, text)
            self.assertNotEqual(pods(text.replace(old, new)), before, new)

    def test_values_in_the_documents_are_taken(self):
        for name in ("README.md", "config/kubernetes/README.md"):
            blocks = re.findall(r"^```yaml\n(image:.*?)^```$", (SOURCE / name).read_text(), re.MULTILINE | re.DOTALL)
            self.assertEqual(len(blocks), 1, name)
            done = with_values(blocks[0])
            self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")

    def test_only_the_part_that_ends_is_privileged(self):
        pods = objects(self.rendered("two"))["DaemonSet", "regcred"]
        self.assertEqual(pods.count("privileged: true"), 1)
        first, _, last = pods.partition("      containers:\n")
        self.assertIn("privileged: true", first)
        main = last.partition("      volumes:\n")[0]
        self.assertNotIn("mountPath: /host", main)
        self.assertIn("capabilities: { drop: [ALL] }", main)
        for words in ("maxUnavailable: 1", "priorityClassName: system-node-critical", "- operator: Exists"):
            self.assertIn(words, pods)

    def test_rules_and_dashboard(self):
        rules = CHART / "files/rules.yaml"
        for words, text in ((["check", "rules", rules], None),
                            (["test", "rules", self.folder / "test.yaml"], (HERE / "rules_test.yaml").read_text())):
            if text:
                (self.folder / "test.yaml").write_text(text.replace("RULES", str(rules)))
            done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        written = set(re.findall(r'"(regcred_[a-z_]+)"', (SOURCE / "core/record/metrics.cpp").read_text()))
        for path in (rules, CHART / "files/dashboard.json"):
            used = set(re.findall(r"\bregcred_[a-z_]+", path.read_text()))
            self.assertLessEqual(used, written, path)
        self.assertGreaterEqual(len(json.loads((CHART / "files/dashboard.json").read_text())["panels"]), 6)

    def test_version_is_the_programs(self):
        version = self.regcred("version").stdout.split()[1]
        text = (CHART / "Chart.yaml").read_text()
        self.assertEqual(re.findall(r"^(?:version|appVersion): (\S+)$", text, re.MULTILINE), [version, version])


def as_text(value, indent=0, columns=116):
    """JSON, with what fits into one line in one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= columns or not value or not isinstance(value, (dict, list)):
        return flat
    before = " " * (indent + 2)
    if isinstance(value, dict):
        items = (f"{json.dumps(key)}: {as_text(item, indent + 2, columns)}" for key, item in value.items())
    else:
        items = (as_text(item, indent + 2, columns) for item in value)
    ends = "{}" if isinstance(value, dict) else "[]"
    return ends[0] + "\n" + ",\n".join(before + item for item in items) + "\n" + " " * indent + ends[1]


if __name__ == "__main__":
    try:
        HELM = helm_program.build()
    except go_program.NotAvailable as error:
        print(f"skipped: {error}")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *(word for word in sys.argv[3:] if word != "--record")])
