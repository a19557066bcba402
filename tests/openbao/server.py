# SPDX-License-Identifier: Apache-2.0
"""A world with OpenBao in it: a server on loopback, who reviews tokens for it, and a Redis server for its leases."""
import base64
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
import pathlib
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))
from fetch import server  # noqa: E402
from world import World  # noqa: E402


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Reviewer(http.server.BaseHTTPRequestHandler):
    """Kubernetes' TokenReview: says of every token whose it is, by its claims."""

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        claims = claims_of(review["spec"]["token"])
        review["status"] = {"authenticated": True, "audiences": claims["aud"],
                            "user": {"username": claims["sub"], "groups": ["system:serviceaccounts"],
                                     "uid": claims["kubernetes.io"]["serviceaccount"]["uid"]}}
        body = json.dumps(review).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class OpenBao(World):
    def __init__(self, folder, tree, emulator, openbao):
        super().__init__(folder, tree, emulator)
        self.program = str(server(openbao))
        self.no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def start(self):
        super().start()
        plain, tls = free_port(), free_port()
        self.address, self.api = f"https://localhost:{tls}", f"http://127.0.0.1:{plain}/v1/"
        config = self.write("bao.hcl", f"""\
listener "tcp" {{
  address = "127.0.0.1:{tls}"
  tls_cert_file = "{self.folder}/server.pem"
  tls_key_file = "{self.folder}/server.key"
}}
""")
        self.log = open(self.folder / "bao.log", "w")
        self.spawn([self.program, "server", "-dev", "-dev-root-token-id=root", f"-dev-listen-address=127.0.0.1:{plain}",
                    "-dev-no-store-token", f"-config={config}"],
                   lambda: self.call("GET", "sys/health", token=None)[0] == 200)
        self.reviewer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Reviewer)
        threading.Thread(target=self.reviewer.serve_forever, daemon=True).start()

    def start_redis(self):
        self.redis_port = free_port()
        self.spawn(["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "", "--dir",
                    str(self.folder), "--requirepass", "admin"], lambda: self.redis("default", "admin") == "+OK")

    def spawn(self, command, is_up):
        self.processes.append(subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
                                               env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}))
        for _ in range(300):
            try:
                if is_up():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{command[0]} did not start: " + (self.folder / "bao.log").read_text()[-2000:])

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        if hasattr(self, "reviewer"):
            self.reviewer.shutdown()
            self.reviewer.server_close()
        if hasattr(self, "log"):
            self.log.close()

    def call(self, method, path, body=None, token="root", namespace=None):
        """Status and answer of one call of the API, by whoever set the server up."""
        headers = {"X-Vault-Token": token or "", "X-Vault-Namespace": namespace or ""}
        request = urllib.request.Request(self.api + path, None if body is None else json.dumps(body).encode(),
                                         {name: value for name, value in headers.items() if value}, method=method)
        try:
            with self.no_proxy.open(request, timeout=10) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text.startswith(b"{") else {}

    def write_to(self, path, body, namespace=None):
        status, answer = self.call("POST", path, body, namespace=namespace)
        if status not in (200, 204):
            raise RuntimeError(f"{path}: {status} {answer}")

    def logins(self):
        """How many tokens there are."""
        return len(self.call("LIST", "auth/token/accessors")[1]["data"]["keys"])

    def redis(self, username, password):
        """What Redis says to a login."""
        with socket.create_connection(("127.0.0.1", self.redis_port), 5) as connection:
            connection.sendall(f"AUTH {username} {password}\r\n".encode())
            return connection.recv(200).decode().strip()
