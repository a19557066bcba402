# SPDX-License-Identifier: Apache-2.0
"""A registry's token service on loopback that counts: every password says for whom, as which exchange and when it was
made. And what asks it: tokens of service accounts, configurations, requests of the kubelet."""
import base64
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

JWT = re.compile(r"e[yw][\w-]*\.([\w-]+)\.[\w-]*")
# Subject alternative names need a file of extensions; the certificate is the CA as well.
MAKE_CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=token service", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]


def make_certificate(folder, name="service"):
    """A key and a certificate that is its own CA; gives the path of the certificate."""
    certificate = pathlib.Path(folder) / f"{name}.pem"
    subprocess.run([*MAKE_CERTIFICATE, "-keyout", f"{folder}/{name}.key", "-out", certificate], check=True, capture_output=True)
    certificate.chmod(0o600)
    return str(certificate)


def pod_token(account="builder", namespace="default", uid=None, pod="pod-1", audience="sts", lifetime=3600, issuer="https://c.example"):
    """A pod's token. Its signature is not one: nobody here verifies it."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    now = int(time.time())
    claims = {"iss": issuer, "sub": f"system:serviceaccount:{namespace}:{account}", "aud": [audience], "iat": now, "nbf": now,
              "exp": now + lifetime, "kubernetes.io": {
                  "namespace": namespace, "pod": {"name": pod, "uid": f"uid-of-{pod}"},
                  "serviceaccount": {"name": account, "uid": uid or f"uid-of-{namespace}-{account}"}}}
    return f"{part({'alg': 'RS256', 'kid': 'k'})}.{part(claims)}.c2lnbmF0dXJl"


def kubelet_request(image, token=None, annotations=None):
    document = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "image": image}
    if token:
        document["serviceAccountToken"] = token
    if annotations:
        document["serviceAccountAnnotations"] = annotations
    return json.dumps(document)


class Reply:
    """What an exchange is answered with, after `delay` seconds. Without `status`: a password that lives `lifetime` seconds."""

    def __init__(self, delay=0.0, status=0, headers="", body="{}", lifetime=3600, hang=False):
        self.delay, self.status, self.headers, self.body, self.lifetime, self.hang = delay, status, headers, body, lifetime, hang


class TokenService:
    """`behave(number, path, subject)` gives the Reply to exchange `number`, from 1. Exchanges are kept as (path, subject,
    number, seconds since 1970)."""

    def __init__(self, certificate, behave=lambda number, path, subject: Reply()):
        self.behave, self.exchanges, self.connections = behave, [], 0
        self.arrived = threading.Condition()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, str(certificate).removesuffix(".pem") + ".key")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self.listener.getsockname()[1]
        self.stopped = threading.Event()
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    def url(self, path="/"):
        return f"https://localhost:{self.port}{path}"

    def close(self):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)  # else the thread goes on with whatever socket gets this descriptor next
        self.accepting.join()
        self.listener.close()

    def wait_for_exchange(self, number, seconds=20):
        """Until exchange `number` has arrived (it need not be answered yet); gives when that was, of time.monotonic()."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.exchanges) >= number, seconds):
                raise AssertionError(f"{len(self.exchanges)} exchanges, and {number} were expected")
            return self.exchanges[number - 1][4]

    def count(self):
        with self.arrived:
            return len(self.exchanges)

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        try:
            connection.settimeout(60)
            with self.context.wrap_socket(connection, server_side=True) as tls:
                self._answer(tls)
        except OSError:
            pass
        finally:
            connection.close()

    def _answer(self, tls):
        head = b""
        while b"\r\n\r\n" not in head:
            more = tls.recv(65536)
            if not more:
                return
            head += more
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(body) < length:
            body += tls.recv(65536)
        path = head.split(b" ")[1].decode()
        subject = subject_of(urllib.parse.unquote(body.decode()))
        with self.arrived:
            number = len(self.exchanges) + 1
            self.exchanges.append((path, subject, number, time.time(), time.monotonic()))
            reply = self.behave(number, path, subject)
            self.arrived.notify_all()
        if reply.hang:
            self.stopped.wait(60)
            return
        time.sleep(reply.delay)
        status, content = reply.status, reply.body
        if not status:
            made = int(time.time() * 1000)
            status, content = 200, json.dumps({"access_token": f"pw|{path}|{subject}|{number}|{made}|{reply.lifetime}",
                                               "expires_in": reply.lifetime})
        tls.sendall((f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{reply.headers}Content-Length: {len(content)}\r\n"
                     f"Connection: close\r\n\r\n{content}").encode())


def subject_of(text):
    """NAMESPACE/NAME/UID of the first token in `text`."""
    found = JWT.search(text)
    if not found:
        return "nobody"
    claims = json.loads(base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)))
    account = claims["kubernetes.io"]["serviceaccount"]
    return f"{claims['kubernetes.io']['namespace']}/{account['name']}/{account['uid']}"


class Password:
    """What TokenService wrote into a password."""

    def __init__(self, text):
        _, self.path, self.subject, number, made, lifetime = text.split("|")
        self.number, self.made, self.lifetime = int(number), int(made) / 1000, int(lifetime)

    def life_left(self):
        return self.made + self.lifetime - time.time()


def entry(name, service, image, path="/", cache="maxDuration: 1h, node: serviceAccount", more="", settings=""):
    """One registry entry, whose backend asks `service` at `path`."""
    return (f"- name: {name}\n  matchImages: [\"{image}\"]\n  backend: oidc\n  audience: sts\n  cache: {{ {cache} }}\n{more}"
            f"  settings: {{ mode: tokenExchange, username: puller, exchangeUrl: \"{service.url(path)}\"{settings} }}\n")


def configuration(ca, directory, entries, defaults="", wait="15s"):
    """A configuration whose node cache is in `directory`; `defaults` are further lines, each with its end."""
    return (f"apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults:\n  proxy: none\n  caFile: {ca}\n"
            f"  nodeCache: {{ directory: \"{directory}\", requireTmpfs: false, wait: {wait} }}\n"
            f"  throttleDirectory: {pathlib.Path(directory).parent}/throttle\n{defaults}registries:\n"
            + "".join(entries))


class Asked:
    """One run of regcred, as the kubelet starts it. Its output goes into files, so that nobody has to read along."""

    def __init__(self, folder, number, command, request, environment=None):
        self.number = number
        self.files = [open(f"{folder}/asked-{number}.{kind}", "w+", encoding="utf-8") for kind in ("in", "out", "err")]
        self.files[0].write(request)
        self.files[0].seek(0)
        self.begun = time.monotonic()
        self.process = subprocess.Popen(command, stdin=self.files[0], stdout=self.files[1], stderr=self.files[2],
                                        env={"PATH": "/usr/bin:/bin"} if environment is None else environment)
        self.ended = None

    def end(self, seconds=70):
        """Waits for it; gives itself, with status, out, err, ended."""
        if self.ended is None:
            self.status = self.process.wait(seconds)
            self.ended = time.monotonic()
            texts = []
            for file in self.files:
                file.seek(0)
                texts.append(file.read())
                file.close()
                os.unlink(file.name)
            _, self.out, self.err = texts
        return self

    def password(self):
        self.end()
        if self.status != 0:
            raise AssertionError(f"status {self.status}: {self.err}")
        auth = json.loads(self.out)["auth"]
        (login,) = auth.values()
        return Password(login["password"])

    def cache_duration(self):
        text = json.loads(self.end().out).get("cacheDuration")
        return None if text is None else int(text.removesuffix("s"))


def in_order_of_end(runs):
    """Waits for all; sets `ended` of each as it ends, not when somebody comes to look."""
    threads = [threading.Thread(target=run.end) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(runs, key=lambda run: run.ended)
