#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`regcred node agent`: a failed request becomes an event of the pod, and a configuration is followed.

usage: agent_test.py TREE EMULATOR [unittest's arguments]
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from api_server import ApiServer  # noqa: E402
from world import IMAGE, World  # noqa: E402

WORLD = None
POD = {"apiVersion": "v1", "kind": "Pod", "namespace": "default", "name": "test-pod",
       "uid": "5e0c7f57-64d4-4a5b-8a0f-6d3f5ed5a2c3"}
TOKEN = "agent-token-0123456789abcdef"
STATIC = """apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: build
    matchImages: [registry.example.com]
    backend: static
    settings: {{ username: {user}, passwordFile: {password} }}
"""


def eventually(holds, seconds=10.0):
    """The first value of `holds()` that is true, or its last."""
    end = time.monotonic() + seconds
    while not (value := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


class Agent:
    def __init__(self, folder, *words):
        self.log = pathlib.Path(folder, "agent.log")
        with self.log.open("a") as log:
            self.process = subprocess.Popen(WORLD.regcred("node", "agent", *map(str, words)), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin", "NODE_NAME": "node-1"})

    def port(self):
        found = eventually(lambda: re.search(r"served on port (\d+)", self.said()))
        return int(found[1])

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def said(self):
        return self.log.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=WORLD.folder))
        self.spool = self.folder / "events"
        self.spool.mkdir(mode=0o755)
        self.token = self.folder / "token"
        self.token.write_text(TOKEN + "\n")
        self.into = self.folder / "etc"
        self.into.mkdir(mode=0o755)

    def tearDown(self):
        for path in self.folder.rglob("*"):
            if path.is_file() and path != self.token:
                self.assertNotIn(TOKEN, path.read_text(errors="replace"), path)
        shutil.rmtree(self.folder)

    def server(self, **options):
        return ApiServer(WORLD.folder / "server.pem", WORLD.folder / "server.key", TOKEN, **options)

    def agent(self, server, *more, ca=None):
        url = server if isinstance(server, str) else server.url
        return Agent(self.folder, "--spool", self.spool, "--listen", "127.0.0.1:0", "--api-server", url, "--token-file",
                     self.token, "--ca-file", ca or WORLD.ca, "--into", self.into, *more)

    def entry(self, number, pod="app", what="denied", name_space="team-a"):
        milliseconds = 1732700000000 + number
        text = json.dumps({"time": milliseconds, "namespace": name_space, "pod": pod, "podUID": f"uid-{pod}",
                           "serviceAccount": f"{name_space}/default", "image": "a.io/b", "registry": "x",
                           "outcome": "backend", "where": 'registry "x"', "what": what, "cure": ""})
        path = self.spool / f"{milliseconds}-1.json"
        hidden = self.folder / path.name
        hidden.write_text(text)
        hidden.chmod(0o600)
        hidden.rename(path)

    def left(self):
        return sorted(path.name for path in self.spool.iterdir())


class Events(Case):
    def test_L1_a_refused_pod_has_the_reason_within_five_seconds_and_no_secret_is_anywhere(self):
        config = pathlib.Path(WORLD.two_registries()).read_text()
        config = config.replace("default-v9ty", "no-such-service").replace(
            "defaults:", f"defaults:\n  eventSpool: {self.spool}\n  requestLog: off")
        path = self.folder / "config.yaml"
        path.write_text(config)
        path.chmod(0o600)
        token = WORLD.token()
        with self.server() as server, self.agent(server) as agent:
            agent.port()
            result = WORLD.run(WORLD.regcred("--config", str(path)), WORLD.request(token=token))
            self.assertEqual(result.returncode, 6, result.stderr)
            self.assertTrue(eventually(lambda: server.events, 5), agent.said())
            self.assertTrue(eventually(lambda: not self.left(), 5))
            event = next(iter(server.events.values()))
            self.assertEqual(event["involvedObject"], POD)
            self.assertEqual((event["type"], event["reason"], event["count"]), ("Warning", "RegistryCredentialFailed", 1))
            self.assertEqual(event["source"], {"component": "regcred", "host": "node-1"})
            self.assertTrue(event["message"].startswith(f'{IMAGE}: registry "cloudsmith" (backend cloudsmith): denied'), event)
            self.assertNotIn(str(WORLD.folder), event["message"])
            self.assertLessEqual(len(event["message"]), 1024)

            for _ in range(2):
                WORLD.run(WORLD.regcred("--config", str(path)), WORLD.request(token=token))
                self.assertTrue(eventually(lambda: not self.left(), 5))
            counts = eventually(lambda: next(iter(server.events.values()))["count"] == 3, 5)
            self.assertTrue(counts, server.events)
            self.assertEqual(len(server.events), 1)
            everything = agent.said() + json.dumps(list(server.events.values()))
            everything += "".join(body.decode() for _, _, _, body in server.requests)
            for secret in (token, token.split(".")[2], TOKEN):
                self.assertNotIn(secret, everything)

    def test_L1_what_waits_in_the_spool_holds_no_secret(self):
        config = self.folder / "config.yaml"
        config.write_text(pathlib.Path(WORLD.two_registries()).read_text().replace("default-v9ty", "no-such-service").replace(
            "defaults:", f"defaults:\n  eventSpool: {self.spool}"))
        config.chmod(0o600)
        token = WORLD.token()
        WORLD.run(WORLD.regcred("--config", str(config)), WORLD.request(token=token))
        self.assertEqual(len(self.left()), 1)
        file = self.spool / self.left()[0]
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        for part in (token, *token.split(".")):
            self.assertNotIn(part, file.read_text())
        # A success leaves none.
        config.write_text(config.read_text().replace("no-such-service", "default-v9ty"))
        result = WORLD.run(WORLD.regcred("--config", str(config)), WORLD.request(token=token))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(self.left()), 1)

    def test_events_wait_for_an_api_server_that_is_down(self):
        port = WORLD.free_port()
        for number, pod in enumerate(("a", "b", "a")):
            self.entry(number, pod)
        with self.agent(f"https://localhost:{port}") as agent:
            self.assertTrue(eventually(lambda: "it is tried again" in agent.said()), agent.said())
            self.assertEqual(len(self.left()), 3)
            self.assertEqual(agent.get("/healthz"), (200, "ok\n"))
            self.assertIn("\nregcred_agent_can_post 0\n", agent.get("/metrics")[1])
            with self.server(port=port) as server:
                self.assertTrue(eventually(lambda: not self.left(), 15), agent.said())
                self.assertEqual(sorted((e["involvedObject"]["name"], e["count"]) for e in server.events.values()),
                                 [("a", 2), ("b", 1)])
                self.assertIn("events are posted again", agent.said())
                metrics = eventually(lambda: "\nregcred_agent_can_post 1\n" in agent.get("/metrics")[1])
                self.assertTrue(metrics)

    def test_429_and_a_missing_right(self):
        with self.server() as server:
            server.answers = [(429, {"Retry-After": "1"}, "too many requests"),
                              (403, {}, 'events is forbidden: User "system:serviceaccount:regcred:agent" cannot create '
                                        'resource "events" in API group "" in the namespace "team-a"')]
            self.entry(0, "a")
            self.entry(1, "b")
            with self.agent(server) as agent:
                self.assertTrue(eventually(lambda: not self.left(), 15), agent.said())
                self.assertEqual([e["involvedObject"]["name"] for e in server.events.values()], ["b"])
                self.assertIn("answered 429 to POST: too many requests; it is tried again", agent.said())
                self.assertIn('cannot create resource "events"', agent.said())
                self.assertIn('the verbs create and patch on events (apiGroups: [""]) in a ClusterRole', agent.said())

    def test_a_token_that_rotates(self):
        with self.server() as server, self.agent(server) as agent:
            self.entry(0, "a")
            self.assertTrue(eventually(lambda: not self.left()), agent.said())
            server.token = "another-token-0123456789"
            self.entry(1, "b")
            self.assertTrue(eventually(lambda: "answered 401" in agent.said()), agent.said())
            self.assertEqual(len(self.left()), 1)
            self.token.write_text(server.token)
            self.assertTrue(eventually(lambda: not self.left()), agent.said())
            self.assertEqual(len(server.events), 2)

    def test_H3_another_ca_gets_no_token(self):
        other = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                                "-keyout", "/dev/null", "-subj", "/CN=other", "-days", "1"], capture_output=True, text=True,
                               check=True).stdout
        (self.folder / "other.pem").write_text(other)
        (self.folder / "other.pem").chmod(0o644)
        with self.server() as server:
            self.entry(0)
            with self.agent(server, ca=self.folder / "other.pem") as agent:
                self.assertTrue(eventually(lambda: "certificate" in agent.said()), agent.said())
                self.assertEqual(server.requests, [])
                self.assertEqual(len(self.left()), 1)

    def test_H5_a_flood_of_files(self):
        for number in range(10_000):
            (self.spool / f"{1732700000000 + number}-1.json").write_text("{}" if number % 2 else "x" * 100)
        for number in range(10_000, 10_500):
            self.entry(number)
        with self.server() as server, self.agent(server) as agent:
            self.assertEqual(agent.get("/healthz"), (200, "ok\n"))
            self.assertTrue(eventually(lambda: not self.left(), 20), len(self.left()))
            self.assertEqual([e["count"] for e in server.events.values()], [500])
            metrics = eventually(lambda: (text := agent.get("/metrics")[1]).count('result="dropped"} 9500') and text)
            self.assertTrue(metrics, agent.get("/metrics")[1])

    def test_H5_hostile_files(self):
        (self.spool / "1732700000000-1.json").symlink_to("/etc/shadow")
        os.mkfifo(self.spool / "1732700000001-1.json")
        (self.spool / "1732700000002-1.json").write_text("[" * (1 << 20))
        (self.spool / "1732700000003-1.json").write_text('{"time": 1}')
        (self.spool / "1732700000004-1.json").mkdir()
        self.entry(10)
        with self.server() as server, self.agent(server) as agent:
            self.assertTrue(eventually(lambda: server.events), agent.said())
            self.assertTrue(eventually(lambda: self.left() == ["1732700000004-1.json"]), self.left())
            self.assertTrue(pathlib.Path("/etc/shadow").exists())
            self.assertEqual(agent.said().count("is not an entry as regcred writes it"), 1)

    def test_sigterm_ends_it_while_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.entry(0)
            with self.agent(f"https://localhost:{silent.getsockname()[1]}") as agent:
                agent.port()
                silent.settimeout(10)
                connection, _ = silent.accept()
                with connection:
                    start = time.monotonic()
                    agent.process.send_signal(signal.SIGTERM)
                    self.assertEqual(agent.process.wait(5), 0)
                    self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(len(self.left()), 1)

    def test_once(self):
        self.entry(0)
        with self.server() as server:
            with self.agent(server, "--once") as agent:
                self.assertEqual(agent.process.wait(20), 0, agent.said())
            self.assertEqual((len(server.events), self.left()), (1, []))
        self.entry(1)
        with self.agent(f"https://localhost:{WORLD.free_port()}", "--once") as agent:
            self.assertEqual(agent.process.wait(20), 6, agent.said())
        self.assertEqual(len(self.left()), 1)


class Followed(Case):
    """A ConfigMap and a Secret as the kubelet mounts them: a directory for everybody, and a link that is replaced."""

    def setUp(self):
        super().setUp()
        self.versions = 0
        self.volume, self.secrets = self.folder / "volume", self.folder / "secrets"
        self.publish(self.secrets, {"x.password": "s3cret-canary-42\n"})

    def publish(self, volume, files):
        self.versions += 1
        version = volume / f"..{self.versions}"
        version.mkdir(parents=True)
        volume.chmod(0o777)
        for name, text in files.items():
            (version / name).write_text(text)
        fresh = volume / "..data_tmp"
        fresh.symlink_to(version.name)
        fresh.rename(volume / "..data")
        for name in files:
            if not (volume / name).is_symlink():
                (volume / name).symlink_to(f"..data/{name}")

    def config(self, user):
        return STATIC.format(user=user, password=self.into / "secrets/x.password")

    def followed(self, *more):
        return self.agent("https://localhost:1", "--watch-config", self.volume, "--watch-secrets", self.secrets, *more)

    def on_node(self):
        path = self.into / "config.yaml"
        return path.read_text() if path.exists() else ""

    def test_N4_a_change_is_checked_and_reaches_the_node_and_a_refused_one_does_not(self):
        self.publish(self.volume, {"config.yaml": self.config("one")})
        with self.followed() as agent:
            self.assertTrue(eventually(lambda: agent.get("/readyz") == (200, "ok\n")), agent.get("/readyz"))
            self.assertEqual(self.on_node(), self.config("one"))
            password = self.into / "secrets/x.password"
            self.assertEqual((password.read_text(), password.stat().st_mode & 0o777), ("s3cret-canary-42\n", 0o600))
            got = subprocess.run(WORLD.regcred("get", "--config", str(self.into / "config.yaml"), "registry.example.com/a"),
                                 capture_output=True, text=True)
            self.assertEqual(got.returncode, 0, got.stderr)

            self.publish(self.volume, {"config.yaml": self.config("two")})
            self.assertTrue(eventually(lambda: self.on_node() == self.config("two"), 5), agent.said())

            self.publish(self.volume, {"config.yaml": self.config("three").replace("backend:", "bakend:")})
            self.assertTrue(eventually(lambda: agent.get("/readyz")[0] == 503, 5), agent.said())
            self.assertIn("the configuration is refused, and nothing of it is used: config.yaml:", agent.get("/readyz")[1])
            self.assertIn("backend is missing", agent.get("/readyz")[1])
            self.assertEqual(self.on_node(), self.config("two"))
            self.assertIn("\nregcred_agent_ready 0\n", agent.get("/metrics")[1])

            self.publish(self.volume, {"config.yaml": self.config("four")})
            self.assertTrue(eventually(lambda: agent.get("/readyz") == (200, "ok\n"), 5), agent.said())
            self.assertEqual(self.on_node(), self.config("four"))
            self.assertNotIn("s3cret-canary", agent.said())

    def test_a_new_node_with_a_refused_configuration_has_one_reason(self):
        self.publish(self.volume, {"config.yaml": "kind: Nothing\n"})
        with self.followed() as agent:
            refused = eventually(lambda: "is refused" in agent.get("/readyz")[1] and agent.get("/readyz")[1])
            self.assertEqual(refused.count("\n"), 1, refused)

    def test_once_for_an_init_container(self):
        self.publish(self.volume, {"config.yaml": self.config("one")})
        with self.followed("--once") as agent:
            self.assertEqual(agent.process.wait(20), 0, agent.said())
        self.assertEqual(self.on_node(), self.config("one"))
        self.publish(self.volume, {"config.yaml": "kind: Nothing\n"})
        with self.followed("--once") as agent:
            self.assertEqual(agent.process.wait(20), 3, agent.said())
        self.assertEqual(self.on_node(), self.config("one"))

    def test_L3_the_metrics_file_is_served(self):
        metrics = self.folder / "regcred.prom"
        self.publish(self.volume, {"config.yaml": self.config("one").replace(
            "registries:", f"defaults: {{ metricsFile: {metrics} }}\nregistries:")})
        with self.followed() as agent:
            self.assertTrue(eventually(lambda: agent.get("/readyz")[0] == 200), agent.get("/readyz"))
            request = WORLD.request(image="registry.example.com/a")
            result = WORLD.run(WORLD.regcred("--config", str(self.into / "config.yaml")), request)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn('regcred_requests_total{registry="build",outcome="ok"} 1\n', agent.get("/metrics")[1])
            metrics.write_text("hostile\x1b[2J\n")
            text = agent.get("/metrics")[1]
            self.assertNotIn("hostile", text)
            self.assertIn("regcred_agent_ready 1\n", text)
            self.assertEqual(agent.get("/other")[0], 404)

    def test_the_node_is_judged_too_where_it_can_be_seen(self):
        self.publish(self.volume, {"config.yaml": self.config("one")})
        empty = self.folder / "root"
        (empty / "proc").mkdir(parents=True)
        with self.followed("--host-root", empty) as agent:
            self.assertTrue(eventually(lambda: "regcred cannot be installed on this node" in agent.get("/readyz")[1]),
                            agent.get("/readyz"))


if __name__ == "__main__":
    if "REGCRED_NODE_OF_ITS_OWN" not in os.environ:  # a /run of its own, since in /tmp others may make names
        os.environ["REGCRED_NODE_OF_ITS_OWN"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"], check=True)
    os.umask(0o022)
    with tempfile.TemporaryDirectory(dir="/run") as folder, World(folder, *sys.argv[1:3]) as WORLD:
        del sys.argv[1:3]
        unittest.main()
