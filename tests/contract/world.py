# SPDX-License-Identifier: Apache-2.0
"""What a consumer's backend is tried in: the installed regcred, a token service on loopback, one request."""
import http.server
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import threading

# Three base64url parts. The claims: {"iss":"https://oidc.example.com","sub":"system:serviceaccount:team:builder"}
TOKEN = ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS5jb20iLCJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6"
         "dGVhbTpidWlsZGVyIn0.Y2FuYXJ5LW5vLXNpZ25hdHVyZQ")
IMAGE = "registry.example.com/team/app"
PASSWORD = "password-from-the-token-service"


def run(*command, cwd=None, env=None):
    """Runs a command of the build; its output is shown only when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, **(env or {})}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(str(part) for part in command)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def fresh(folder):
    """An empty folder that passes regcred's rules of trust."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755, parents=True)
    return folder


class TokenService:
    """https://localhost:PORT/ with a certificate of its own; answers every POST alike and keeps what it was sent."""

    def __init__(self, folder, status=200, answer=None):
        self.status = status
        self.answer = answer or json.dumps({"password": PASSWORD, "expires_in": 3600})
        self.calls = []
        self.ca_file = folder / "ca.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out",
            self.ca_file)
        self.ca_file.chmod(0o644)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, folder / "key.pem")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"localhost:{self.server.server_address[1]}"

    def handler(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                service.calls.append((self.path, dict(self.headers), body))
                data = service.answer.encode()
                self.send_response(service.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Regcred:
    """The installed program with a configuration of one entry, whose backend lies in BACKENDS."""

    def __init__(self, stage, folder, backends, backend, settings=None, ca_file=None):
        self.program = pathlib.Path(stage) / "bin/regcred"
        self.folder = folder
        defaults = {"proxy": "none", "backendDirectories": [str(backends)]}
        if ca_file:
            defaults["caFile"] = str(ca_file)
        entry = {"name": "team", "matchImages": ["registry.example.com"], "backend": backend, "settings": settings or {}}
        self.config = folder / "config.yaml"
        self.config.write_text(json.dumps(  # JSON is YAML
            {"apiVersion": "regcred/v1", "kind": "RegistryConfig", "defaults": defaults, "registries": [entry]}))
        self.config.chmod(0o644)

    def secret(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def ask(self, annotations=None, options=()):
        """One kubelet request: (exit status, the answer, standard error)."""
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                   "image": IMAGE, "serviceAccountToken": TOKEN, "serviceAccountAnnotations": annotations or {}}
        done = subprocess.run([str(self.program), "--config", str(self.config), *options], input=json.dumps(request),
                              text=True, capture_output=True, env={"CREDENTIALS_DIRECTORY": str(self.folder)})
        assert TOKEN not in done.stderr, "the token stands in an error"
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def credential(self, annotations=None):
        """(username, password, cacheDuration) of the one credential in the answer; anything else is a failure."""
        status, answer, error = self.ask(annotations)
        assert status == 0, error
        (registry, auth), = answer["auth"].items()
        assert registry == "registry.example.com", registry
        return auth["username"], auth["password"], answer.get("cacheDuration")


def conforms(stage, backend, project):
    """Runs every check of regcred-conformance, with the project's files, over a backend."""
    run(stage / "bin/regcred-conformance", backend, "--image", IMAGE, "--settings", project / "conformance/settings.yaml",
        "--conversation", project / "conformance/success.yaml")


def exported_symbols(library):
    return [line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()]
