# SPDX-License-Identifier: Apache-2.0
"""A world with OpenBao in it: a server on loopback, who reviews tokens for it, and a Redis server for its leases."""
import base64
import http.server
import json
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import openbao_server  # noqa: E402
from world import World  # noqa: E402


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
        self.program = str(openbao_server.program_in(openbao))

    def start(self):
        super().start()
        self.address, self.api = openbao_server.start_in(self, self.program)
        self.call, self.write_to = self.api.call, self.api.write
        self.reviewer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Reviewer)
        threading.Thread(target=self.reviewer.serve_forever, daemon=True).start()

    def start_redis(self):
        self.redis_port = self.free_port()
        self.spawn("redis", ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "", "--dir",
                             str(self.folder), "--requirepass", "admin"],
                   lambda: self.listens(self.redis_port) and self.redis("default", "admin") == "+OK")

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        if hasattr(self, "reviewer"):
            self.reviewer.shutdown()
            self.reviewer.server_close()

    def logins(self):
        """How many tokens there are."""
        return len(self.call("LIST", "auth/token/accessors")[1]["data"]["keys"])

    def redis(self, username, password):
        """What Redis says to a login."""
        with socket.create_connection(("127.0.0.1", self.redis_port), 5) as connection:
            connection.sendall(f"AUTH {username} {password}\r\n".encode())
            return connection.recv(200).decode().strip()
