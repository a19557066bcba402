#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What operators run into: each message names the cause, and what it advises works as printed.

usage: operators_test.py TREE EMULATOR [unittest's arguments]
"""
import base64
import json
import pathlib
import re
import shlex
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from world import World  # noqa: E402

WORLD = None
COMMANDS = ("get", "explain", "check", "doctor", "backends", "generate", "install-links", "completion", "new-backend",
            "version", "--help")
NAMES = "regcred|\\S*/cloudsmith-kubernetes-credential-provider"


class Server:
    """Answers every connection with `answer(request)`, over TLS when `context` is given."""

    def __init__(self, answer, context=None):
        self.answer, self.context, self.requests = answer, context, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        try:
            connection.settimeout(5)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            request = connection.recv(65536).decode("latin-1")
            self.requests.append(request)
            connection.sendall(self.answer(request).encode())
        except OSError:
            pass
        finally:
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def http(status, body="", headers=""):
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def jwt(**claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return f"{part({'alg': 'RS256', 'kid': 'k'})}.{part(claims)}.c2ln"


def advised(text):
    """The commands that a message advises, as lists of words."""
    return [shlex.split(match[1]) for match in
            re.finditer(rf"(?:^|[\s`(])((?:{NAMES}) (?:{'|'.join(COMMANDS)})\b[^`;)\n]*)", text)]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(WORLD.folder / "server.pem", WORLD.folder / "server.key")

    def setUp(self):
        self.environment = {"PATH": "/usr/bin:/bin"}

    def run_regcred(self, *arguments, stdin="", program=None):
        command = [*(program or WORLD.regcred()), *arguments]
        output = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=90, env=self.environment)
        self.assertLessEqual(len(output.stderr.encode()), 1024 * max(1, output.stderr.count("\n")), output.stderr)
        return output

    def configure(self, entries, defaults="", name="config.yaml"):
        return WORLD.write(name, f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults: {{ caFile: {WORLD.ca}, proxy: {defaults or 'none'} }}
registries:
{entries}""")

    def cloudsmith(self, host="docker.cloudsmith.io", more="", **options):
        return self.configure(f"""\
  - name: cloudsmith
    matchImages: ["{host}"]
    backend: cloudsmith
    audience: {options.pop("audience", "cloudsmith")}
    settings: {{ orgSlug: iduffy-demo, serviceSlug: default-v9ty, apiHost: "{options.pop("api", WORLD.api_host)}"{more} }}
""", **options)

    def static(self, host, password=None, settings="", **options):
        file = WORLD.write("fixed.password", "fixed-canary-password\n" if password is None else password)
        settings = settings or f'username: puller, passwordFile: {file}'
        return self.configure(f"""\
  - name: fixed
    matchImages: ["{host}"]
    backend: static
    settings: {{ {settings} }}
{options.pop("more", "")}""", **options)

    def ask(self, config, image, **request):
        text = json.dumps({"kind": "CredentialProviderRequest", "image": image,
                           "apiVersion": "credentialprovider.kubelet.k8s.io/" + request.pop("version", "v1"), **request})
        return self.run_regcred("--config", config, stdin=text)

    def doctor(self, config, image, *arguments):
        output = self.run_regcred("doctor", image, "--config", config, "-o", "json", *arguments)
        self.assertTrue(output.stdout, output.stderr)
        steps = {step["step"]: step for step in json.loads(output.stdout)["steps"]}
        self.assertNotIn("canary", output.stdout + output.stderr)
        return output, steps

    def assert_advice_works(self, text, least=1):
        """Runs every command that `text` advises: none may fail at its words, or for want of the configuration."""
        commands = advised(text)
        self.assertGreaterEqual(len(commands), least, text)
        for command in commands:
            if command[0] == "regcred":
                command[:1] = WORLD.regcred()
            output = subprocess.run(command, capture_output=True, text=True, timeout=60, env=self.environment)
            self.assertNotIn(output.returncode, (2, 3, 5, 8), f"{command}: {output.stderr}")


class Advice(Case):
    def test_no_match_under_every_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("plain.yaml", "with space.yaml", "it's.yaml"):
                config = pathlib.Path(folder) / name
                config.write_text(pathlib.Path(self.static("reg.example.com")).read_text())
                output = self.ask(str(config), "docker.example.com/x/y")
                self.assertEqual(output.returncode, 4)
                self.assert_advice_works(output.stderr)

    def test_explain_without_a_match(self):
        output = self.run_regcred("explain", "docker.example.com/x", "--config", self.static("reg.example.com"))
        self.assertEqual(output.returncode, 4)

    def test_drop_in_mode_names_its_own_variable(self):
        link = WORLD.drop_in()
        request = WORLD.request("docker.example.com/x/y")
        output = self.run_regcred(stdin=request, program=link)
        self.assertEqual(output.returncode, 4)
        self.assertIn("CLOUDSMITH_REGISTRY_HOSTS", output.stderr)
        self.assertIn("docker.example.com", output.stderr)
        self.assertNotIn("matchImages in", output.stderr)
        self.assert_advice_works(output.stderr, least=0)
        explained = self.run_regcred("explain", "docker.example.com/x/y", program=link)
        self.assertEqual(explained.returncode, 4)
        self.assertIn("CLOUDSMITH_REGISTRY_HOSTS", explained.stderr)
        # What is advised works.
        self.environment["CLOUDSMITH_REGISTRY_HOSTS"] = "docker.example.com"
        self.assertEqual(self.run_regcred("explain", "docker.example.com/x/y", program=link).returncode, 0)

    def test_what_a_broken_configuration_advises(self):
        config = self.configure("  - {name: a, matchImages: [reg.io], backend: /usr/lib/static.so}\n")
        output = self.run_regcred("check", "--config", config)
        self.assertIn("regcred backends", output.stdout)
        listed = self.run_regcred("backends", "--config", config)
        self.assertIn("static", listed.stdout, "what is installed is listed although the configuration is wrong")
        self.assertEqual(listed.returncode, 3)
        self.assert_advice_works(output.stdout)

    def test_what_check_and_explain_advise(self):
        config = self.cloudsmith()
        kubelet = WORLD.write("kubelet.yaml", """\
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: other
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["docker.cloudsmith.io"]
    defaultCacheDuration: 1h
""")
        check = self.run_regcred("check", "--config", config, "--kubelet-config", kubelet)
        self.assert_advice_works(check.stdout)
        pathlib.Path(kubelet).write_text(pathlib.Path(kubelet).read_text().replace("name: other", "name: regcred"))
        check = self.run_regcred("check", "--config", config, "--kubelet-config", kubelet)
        self.assertIn("token-not-sent", check.stdout)
        self.assert_advice_works(check.stdout)
        pathlib.Path(kubelet).write_text(pathlib.Path(kubelet).read_text().replace("1h", "soon"))
        explained = self.run_regcred("explain", "docker.cloudsmith.io/a", "--config", config, "--kubelet-config", kubelet)
        self.assertEqual(explained.returncode, 3)
        self.assertIn("--kubelet-config " + kubelet, explained.stderr)
        pathlib.Path(kubelet).write_text("apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders: []\n")
        check = self.run_regcred("check", "--config", config, "--kubelet-config", kubelet)
        self.assert_advice_works(check.stdout)


    def test_every_command_that_a_text_of_the_sources_advises(self):
        """Those built by advised_command(), and those that need no configuration and stand in a text as they are."""
        config = self.cloudsmith()
        root = pathlib.Path(__file__).resolve().parents[2]
        sources = [path for folder in ("core", "cloudsmith", "backends") for path in (root / folder).rglob("*.[ch]pp")
                   if not {"conformance", "template"} & set(path.parts)]
        # machine_config.cpp writes scripts: what a machine runs, not what a person is told.
        statements = ("Made by `", "made by `", "shows it")  # of what was done, not of what to do
        built, plain = set(), set()
        for path in sources:
            code = "\n".join(line.partition("// ")[0] for line in path.read_text().splitlines())
            code = re.sub(r'"\s*\n\s*"', "", code)
            built |= set(re.findall(r'advised_command\(\s*[^"]*?, "([^"]*)"', code))
            for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', code):
                if not any(word in literal for word in statements) and path.name not in {"command_line.cpp", "machine_config.cpp"}:
                    plain |= {" ".join(command[1:]) for command in advised(literal)}
        built |= {"check --kubelet-config"}
        self.assertLessEqual({"explain", "backends", "generate kubelet-config", "generate schema"}, {w.strip() for w in built})
        self.assertLessEqual(plain, {"--help", "--help lists", "generate oidc-discovery --help", "backends",
                                      "check --kubelet", "doctor IMAGE --as-kubelet"},  # these find the node's own
                             "a command that is not built by advised_command()")
        kubelet = WORLD.write("advised.yaml", self.run_regcred("generate", "kubelet-config", "--config", config).stdout)
        more = {"explain": ["docker.cloudsmith.io/a/b"], "check --kubelet-config": [kubelet],
                "install-links": [str(WORLD.folder / "plugins")]}
        for words in sorted(built | {"generate oidc-discovery --help", "--help"}):
            arguments = words.split() + more.get(words.strip(), [])
            arguments = [str(WORLD.folder / "plugins") if word == "DIR" else word for word in arguments]
            (WORLD.folder / "plugins").mkdir(exist_ok=True)
            output = self.run_regcred(*arguments, "--config", config)
            self.assertIn(output.returncode, (0, 4), f"{words}: {output.stderr}")


class Requests(Case):
    def test_a_version_of_the_request_that_has_no_token(self):
        for version in ("v1beta1", "v1alpha1"):
            output = self.ask(self.cloudsmith(), "docker.cloudsmith.io/a/b", version=version)
            self.assertEqual(output.returncode, 3)
            first = output.stderr.find("apiVersion: credentialprovider.kubelet.k8s.io/v1")
            self.assertGreater(first, 0, output.stderr)
            self.assertGreater(output.stderr.find("tokenAttributes"), first, output.stderr)
        output = self.ask(self.cloudsmith(), "docker.cloudsmith.io/a/b")
        self.assertNotIn("apiVersion", output.stderr)
        self.assertIn("add tokenAttributes", output.stderr)

    def test_an_issuer_that_only_the_cluster_knows(self):
        for issuer in ("https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc",
                       "https://kubernetes.default.svc.k8s.example.org:443", "kubernetes/serviceaccount"):
            token = jwt(iss=issuer, sub="system:serviceaccount:a:b", aud=["cloudsmith"], exp=int(time.time()) + 600)
            output = self.ask(self.cloudsmith(), "docker.cloudsmith.io/a/b", serviceAccountToken=token)
            self.assertEqual(output.returncode, 6, output.stderr)
            self.assertIn("inside the cluster only", output.stderr)
            self.assertIn("--service-account-issuer", output.stderr)
            self.assertNotIn("provider URL = issuer", output.stderr)
        token = jwt(iss="https://issuer.example.com", sub="a", aud=["cloudsmith"], exp=int(time.time()) + 600)
        output = self.ask(self.cloudsmith(), "docker.cloudsmith.io/a/b", serviceAccountToken=token)
        self.assertIn("provider URL = issuer", output.stderr)

    def test_doctor_on_such_an_issuer(self):
        token = WORLD.write("token", jwt(iss="https://kubernetes.default.svc.cluster.local", sub="a", aud=["cloudsmith"],
                                         exp=int(time.time()) + 600))
        output, steps = self.doctor(self.cloudsmith(), "docker.cloudsmith.io/a/b", "--token-file", token)
        self.assertIn("inside the cluster only", output.stderr)
        self.assertIn("--service-account-issuer", output.stderr)
        self.assertNotIn("see the host in the configuration", output.stderr)

    def test_a_token_that_is_not_valid_yet(self):
        token = jwt(iss="https://issuer.example.com", sub="a", aud=["cloudsmith"], nbf=int(time.time()) + 3600,
                    exp=int(time.time()) + 7200)
        output = self.ask(self.cloudsmith(), "docker.cloudsmith.io/a/b", serviceAccountToken=token)
        self.assertIn("is not valid yet", output.stderr)
        self.assertIn("clock", output.stderr)
        _, steps = self.doctor(self.cloudsmith(), "docker.cloudsmith.io/a/b", "--token-file", WORLD.write("token", token))
        self.assertEqual(steps["token-expiry"]["state"], "failed")
        self.assertIn("is not valid yet", steps["token-expiry"]["what"])
        self.assertIn("clocks", steps["token-expiry"]["cure"])

    def test_a_password_file_of_many_lines(self):
        key = json.dumps({"type": "service_account", "private_key": "canary"}, indent=2)
        pem = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"
        for content, cure in ((key, "jq -c . "), (pem, "one line"), ("canary\ncanary\n", "one line"), ("\xef\xbb\xbf", "")):
            config = self.static("reg.example.com", content)
            output = self.ask(config, "reg.example.com/app")
            if not cure:
                continue
            self.assertEqual(output.returncode, 3)
            self.assertIn(str(WORLD.folder / "fixed.password"), output.stderr)
            self.assertIn(cure, output.stderr)
            self.assertNotIn("canary", output.stderr)
        # The advised form works.
        config = self.static("reg.example.com", json.dumps(json.loads(key)) + "\n")
        self.assertEqual(self.ask(config, "reg.example.com/app").returncode, 0)


class DropIn(Case):
    def ask_drop_in(self, **variables):
        self.environment = {**WORLD.drop_in_env, **variables}
        return self.run_regcred(stdin=WORLD.request(), program=WORLD.drop_in())

    def test_log_levels_in_any_letter_case(self):
        for level in ("INFO", "Info", "warning", "WARN", "Debug", "trace", "verbose", "5", "fatal"):
            self.assertEqual(self.ask_drop_in(CLOUDSMITH_LOG_LEVEL=level).returncode, 0, level)
        self.environment = {**WORLD.drop_in_env, "CLOUDSMITH_LOG_LEVEL": "verbose"}
        checked = self.run_regcred("check", program=WORLD.drop_in())
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("CLOUDSMITH_LOG_LEVEL", checked.stdout)
        self.assertIn("counts as info", checked.stdout)
        self.assertIn("set CLOUDSMITH_OIDC_AUDIENCE", checked.stdout)
        self.assertNotIn("write audience:", checked.stdout)
        self.environment["CLOUDSMITH_LOG_LEVEL"] = "INFO"
        self.assertNotIn("counts as info", self.run_regcred("check", program=WORLD.drop_in()).stdout)

    def test_messages_name_what_an_operator_of_this_mode_can_set(self):
        self.environment = {**WORLD.drop_in_env, "CLOUDSMITH_REGISTRY_HOSTS": "docker.example.com"}
        del self.environment["CLOUDSMITH_ORG_SLUG"]
        output = self.run_regcred(stdin=WORLD.request("docker.example.com/x/y"), program=WORLD.drop_in())
        self.assertIn("CLOUDSMITH_ORG_SLUG", output.stderr)
        self.assertNotIn("settings.", output.stderr)
        output = self.ask_drop_in(CLOUDSMITH_OIDC_AUDIENCE="other")
        self.assertIn("CLOUDSMITH_OIDC_AUDIENCE", output.stderr)
        output = self.ask_drop_in(CLOUDSMITH_SERVICE_SLUG="nobody-knows")
        self.assertEqual(output.returncode, 6)
        self.assertNotRegex(output.stderr, "settings[.]|serviceSlug|orgSlug")

    def test_no_proxy_with_a_port(self):
        proxy = f"http://127.0.0.1:{closed_port()}"
        port = WORLD.api_host.split(":")[1]
        for spared in (f"localhost:{port}", f"example.com, localhost:{port}", "localhost", "LOCALHOST", "*"):
            self.assertEqual(self.ask_drop_in(HTTPS_PROXY=proxy, NO_PROXY=spared).returncode, 0, spared)
        for other in ("localhost:1", ".localhost", "", "example.com"):
            output = self.ask_drop_in(HTTPS_PROXY=proxy, NO_PROXY=other)
            self.assertEqual(output.returncode, 6, other)

    def test_a_proxy_that_refuses_the_connection_is_blamed(self):
        port = closed_port()
        for proxy in (f"http://127.0.0.1:{port}", f"http://user:canary-password@localhost:{port}"):
            output = self.ask_drop_in(HTTPS_PROXY=proxy)
            self.assertEqual(output.returncode, 6)
            self.assertIn("no connection to the proxy ", output.stderr)
            self.assertIn(f":{port}", output.stderr)
            self.assertNotIn("no connection to localhost:" + WORLD.api_host.split(":")[1], output.stderr)
            self.assertNotIn("canary", output.stderr)


class Doctor(Case):
    def test_a_web_page_is_not_a_registry(self):
        page = "<!DOCTYPE html><html>welcome</html>"
        kind = "Content-Type: text/html\r\n"
        for answer in (lambda _: http(200, page, kind), lambda _: http(200, "It works!"),
                       lambda _: http(200, page),
                       lambda request: http(200, page, kind) if "Authorization" in request
                       else http(401, page, 'WWW-Authenticate: Basic realm="x"\r\n' + kind),
                       lambda request: http(200, "{}") if "GET /v2/ " in request else http(200, page, kind)):
            with Server(answer, self.tls) as server:
                host = f"localhost:{server.port}"
                output, steps = self.doctor(self.static(host), f"{host}/app:1")
                self.assertEqual(output.returncode, 6, output.stdout)
                self.assertIn("not a registry", output.stderr)

    def test_a_registry_is_one(self):
        manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []})
        for ping in (http(200, "{}"), http(200), http(200, "", "Docker-Distribution-Api-Version: registry/2.0\r\n")):
            with Server(lambda request: ping if "GET /v2/ " in request else http(200, manifest), self.tls) as server:
                host = f"localhost:{server.port}"
                output, _ = self.doctor(self.static(host), f"{host}/app:1")
                self.assertEqual(output.returncode, 0, output.stdout)

    def test_a_registry_that_speaks_plain_http(self):
        for answer in (http(400, "Client sent an HTTP request to an HTTPS server"), "SSH-2.0-x\r\n" * 30):
            with Server(lambda _: answer) as server:
                host = f"localhost:{server.port}"
                output, steps = self.doctor(self.static(host), f"{host}/app:1")
                step = steps["registry-challenge"]
                self.assertEqual(step["state"], "failed")
                if answer.startswith("HTTP"):
                    self.assertIn("plain HTTP", step["what"])
                self.assertNotIn("TLS 1.2 or later", step["what"] + step["cure"])
                self.assertNotIn("fixed-canary", "".join(server.requests))

    def test_a_wrong_fixed_password(self):
        with Server(lambda _: http(401, "{}", 'WWW-Authenticate: Basic realm="x"\r\n'), self.tls) as server:
            host = f"localhost:{server.port}"
            _, steps = self.doctor(self.static(host), f"{host}/app:1")
            cure = steps["registry-login"]["cure"]
            self.assertIn('"puller"', cure)
            self.assertIn(str(WORLD.folder / "fixed.password"), cure)
            self.assertNotIn("exchange", cure)
            user = WORLD.write("fixed.user", "robot\n")
            config = self.static(host, settings=f"credentials: [{{registry: '{host}', usernameFile: {user}, "
                                                f"passwordFile: {WORLD.folder}/fixed.password}}]")
            cure = self.doctor(config, f"{host}/app:1")[1]["registry-login"]["cure"]
            self.assertIn('"robot"', cure)
            self.assertIn(user, cure)

    def test_a_token_for_the_api_server(self):
        issuer = WORLD.issuer
        for audience in (issuer, "https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc"):
            config = self.cloudsmith(audience=f'"{audience}"')
            checked = self.run_regcred("check", "--config", config)
            if audience != issuer:
                self.assertIn("audience-of-cluster", checked.stdout)
                self.assertIn("warning", checked.stdout)
            token = WORLD.write("token", jwt(iss=issuer, sub="a", aud=[audience], exp=int(time.time()) + 600))
            step = self.doctor(config, "docker.cloudsmith.io/a/b", "--token-file", token)[1]["token-audience"]
            self.assertIn("API server", step["cure"] + step["what"])
        self.assertNotIn("audience-of-cluster", self.run_regcred("check", "--config", self.cloudsmith()).stdout)


class Commands(Case):
    def kubectl(self, script):
        folder = pathlib.Path(tempfile.mkdtemp(dir=WORLD.folder))
        (folder / "kubectl").write_text("#!/bin/sh\n" + script)
        (folder / "kubectl").chmod(0o755)
        self.environment["PATH"] = f"{folder}:/usr/bin:/bin"

    def test_kubectl_without_a_kubeconfig(self):
        for words in ("The connection to the server localhost:8080 was refused - did you specify the right host or port?",
                      "error: Missing or incomplete configuration info.  Please point to an existing, complete config file:",
                      "error: You must be logged in to the server (Unauthorized)",
                      "error: stat /home/me/.kube/config: no such file or directory"):
            self.kubectl(f"echo '{words}' >&2; exit 1\n")
            output = self.run_regcred("get", "docker.cloudsmith.io/a/b", "--service-account", "a/b", "--config",
                                      self.cloudsmith())
            self.assertEqual(output.returncode, 2)
            self.assertIn("KUBECONFIG", output.stderr)
            self.assertIn("--token-file", output.stderr)
            self.assertNotIn("auth whoami", output.stderr)

    def test_a_token_file_that_holds_a_token_request(self):
        token = WORLD.token()
        for document in ({"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "status": {"token": token}},
                         {"kind": "ExecCredential", "status": {"token": token}},
                         json.loads(WORLD.request(token=token))):
            for indent in (None, 2):
                file = WORLD.write("token.json", json.dumps(document, indent=indent))
                output = self.run_regcred("get", "docker.cloudsmith.io/iduffy-demo/purple-team/ubuntu", "--token-file", file,
                                          "--config", self.cloudsmith())
                self.assertEqual(output.returncode, 0, output.stderr)
        for document in ({"kind": "Secret", "data": {"canary": "x"}}, {"kind": "TokenRequest", "status": {}}, [1], "canary"):
            file = WORLD.write("token.json", json.dumps(document))
            output = self.run_regcred("get", "docker.cloudsmith.io/a/b", "--token-file", file, "--config", self.cloudsmith())
            self.assertEqual(output.returncode, 2, output.stderr)
            self.assertIn("JSON", output.stderr)
            self.assertNotIn("canary", output.stderr)

    def test_an_issuer_that_its_vendor_publishes(self):
        keys = WORLD.write("keys", '{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}')
        for issuer in ("https://oidc.eks.eu-central-1.amazonaws.com/id/ABC", "https://oidc.eks.cn-north-1.amazonaws.com.cn/id/A",
                       "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c",
                       "https://westeurope.oic.prod-aks.azure.com/t/u/"):
            document = WORLD.write("document", json.dumps({
                "issuer": issuer, "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"]}))
            out = WORLD.folder / "published"
            output = self.run_regcred("generate", "oidc-discovery", "--issuer", issuer, "--jwks", keys, "--discovery",
                                      document, "--out", str(out))
            self.assertIn("nothing to", output.stdout + output.stderr)
            self.assertNotIn("to be published as", output.stdout)
            self.assertFalse(out.exists())

    def test_a_backend_that_is_cut_short(self):
        whole = (WORLD.tree / "lib/regcred/backends/static.so").read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            config = WORLD.write("cut.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults: {{ backendDirectories: [{folder}] }}
registries: [{{ name: a, matchImages: [reg.io], backend: cut }}]
""")
            for size in (0, 1, 20, 64, 200, 4096, len(whole) // 3, len(whole) // 2, len(whole) - 1):
                (pathlib.Path(folder) / "cut.so").write_bytes(whole[:size])
                output = self.ask(config, "reg.io/a")
                self.assertEqual(output.returncode, 5, output.stderr)
                self.assertIn(f"is cut short: {size} bytes", output.stderr)
                self.assertIn("install it again", output.stderr)
            (pathlib.Path(folder) / "cut.so").write_bytes(whole)
            self.assertNotIn("cut short", self.ask(config, "reg.io/a").stderr)


class Hosts(Case):
    def test_ipv6_of_a_fixed_password(self):
        for written, asked in (("[fd00::1]:5000", "[fd00::1]:5000"), ("[FD00::1]:5000", "[fd00::1]:5000"),
                               ("[fd00:0:0::1]:5000", "[fd00::1]:5000"),
                               ("[fd00::1]:5000/team", "[fd00::1]:5000")):
            file = WORLD.write("fixed.password", "x\n")
            config = self.static(asked, settings=f"credentials: [{{registry: '{written}', username: u, passwordFile: {file}}}]")
            output = self.ask(config, asked + "/team/app")
            self.assertEqual(output.returncode, 0, output.stderr)
            path = "/team" if written.endswith("/team") else ""
            self.assertEqual(list(json.loads(output.stdout)["auth"]), [asked + path])
            self.assertEqual(self.run_regcred("check", "--config", config).returncode, 0)
        config = self.static("[fd00::1]:5000", settings=f"username: u, passwordFile: {file}, registries: ['[fd00::1]:5000']")
        self.assertEqual(self.ask(config, "[fd00::1]:5000/app").returncode, 0)

    def test_credential_host(self):
        for host, registry in (("[fd00::2]:5000", "[fd00::2]:5000"), ("cache.example.com", "cache.example.com"),
                               ("cache.example.com/dockerhub", "cache.example.com"),
                               ("cache.example.com/dockerhub", "cache.example.com/dockerhub"),
                               ("[fd00::2]:5000/hub/mirror", "[fd00::2]:5000/hub/mirror")):
            settings = f"credentials: [{{registry: '{registry}', username: u, passwordFile: {WORLD.folder}/fixed.password}}]"
            config = self.static("docker.io", settings=settings, more=f"    credentialHost: '{host}'\n")
            output = self.ask(config, "docker.io/library/nginx")
            self.assertEqual(output.returncode, 0, output.stderr)
            self.assertEqual(list(json.loads(output.stdout)["auth"]), ["docker.io"])
        settings = "credentials: [{registry: cache.example.com/hub/library, username: u, " \
                   f"passwordFile: {WORLD.folder}/fixed.password}}]"
        config = self.static("docker.io", settings=settings, more="    credentialHost: cache.example.com/hub\n")
        self.assertEqual(list(json.loads(self.ask(config, "docker.io/library/nginx").stdout)["auth"]), ["docker.io/library"])
        self.assertEqual(json.loads(self.ask(config, "docker.io/other/nginx").stdout)["auth"], {})
        for wrong in ("cache.example.com/", "cache.example.com//x", "cache.example.com/Hub", "https://cache.example.com",
                      "[fd00::zz]", "[fd00::1", "cache.example.com/a:1", "cache.example.com/../x"):
            config = self.static("docker.io", more=f"    credentialHost: '{wrong}'\n")
            output = self.ask(config, "docker.io/library/nginx")
            self.assertEqual(output.returncode, 3, wrong)
            self.assertIn("credentialHost", output.stderr)


def main(tree, emulator, *arguments):
    global WORLD
    with tempfile.TemporaryDirectory(prefix="regcred-operators-") as folder, World(folder, tree, emulator) as WORLD:
        outcome = unittest.main(argv=["operators_test.py", *arguments], exit=False, verbosity=1).result
    sys.exit(not outcome.wasSuccessful())


if __name__ == "__main__":
    main(*sys.argv[1:])
