# SPDX-License-Identifier: Apache-2.0
"""The events of an API server, over TLS, with answers as a test wants them."""
import http.server
import json
import ssl
import threading


class ApiServer:
    """Keeps events as Kubernetes does. `answers`: (status, headers, message) for the next requests, before all else."""

    def __init__(self, certificate, key, token, port=0):
        self.token, self.answers, self.requests, self.events = token, [], [], {}
        self.lock = threading.Lock()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with owner.lock:
                    status, headers, document = owner.reply(self.command, self.path, self.headers, body)
                text = json.dumps(document).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(text)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):  # a client that does not like the certificate
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # The handshake belongs to the connection's own thread: a client that says nothing must not stop the others.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"https://localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def reply(self, method, path, headers, body):
        self.requests.append((method, path, dict(headers), body))
        if headers.get("Authorization") != f"Bearer {self.token}":
            return self.status(401, f"Unauthorized: {headers.get('Authorization')}")
        if self.answers:
            status, more, message = self.answers.pop(0)
            return status, more, self.status(status, message)[2]
        if method == "POST":
            event = json.loads(body)
            self.events[f"{path}/{event['metadata']['name']}"] = event
            return 201, {}, event
        if path not in self.events:
            return self.status(404, f"{path} not found")
        assert headers["Content-Type"] == "application/strategic-merge-patch+json", headers["Content-Type"]
        self.events[path].update(json.loads(body))
        return 200, {}, self.events[path]

    @staticmethod
    def status(code, message):
        return code, {}, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
