#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Signatures of the ecr backend before two judges that know nothing of regcred: botocore, the code of AWS's own clients,
signs each request again; moto, an AWS for tests, verifies it with authentication on.

usage: ecr_judges_test.py TREE EMULATOR PACKAGES_FOLDER
"""
import http.client
import http.server
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import python_packages  # noqa: E402
from world import World  # noqa: E402

ACCOUNT, REGION = "123456789012", "eu-central-1"  # moto's account
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/puller"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}
SET_UP = [{"Action": "CreateRole", "Version": "2010-05-08", "RoleName": "puller", "AssumeRolePolicyDocument": "{}"},
          {"Action": "PutRolePolicy", "Version": "2010-05-08", "RoleName": "puller", "PolicyName": "pull",
           "PolicyDocument": json.dumps(POLICY)}]


class Moto:
    """moto's server. Calls are not authenticated until set-up and one login at STS are done."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        program = pathlib.Path(sys.prefix) / "bin/moto_server"
        self.process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL,
                                        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": REGION,
                                             "INITIAL_NO_AUTH_ACTION_COUNT": str(len(SET_UP) + 1)})
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.1)
        for call in SET_UP:
            authorization = "AWS4-HMAC-SHA256 Credential=x/20250101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0"
            status, _, body = self.ask(urllib.parse.urlencode(call).encode(), {
                "Content-Type": "application/x-www-form-urlencoded", "Host": "iam.amazonaws.com",
                "Authorization": authorization})
            assert status == 200, body
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def ask(self, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if "Content-Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def signed_by_botocore(headers, body, keys):
    """The Authorization that AWS's own client would send with these headers, at this time."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    sent = headers["Authorization"]
    signed = sent.split("SignedHeaders=")[1].split(",")[0].split(";")
    request = AWSRequest("POST", f"https://{headers['Host']}/", {name: headers[name] for name in headers if name.lower() in signed},
                         body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    auth = SigV4Auth(Credentials(*keys), "ecr", REGION)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    names = auth.signed_headers(auth.headers_to_sign(request))
    return (f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={names}, "
            f"Signature={auth.signature(text, request)}")


class Front:
    """https://localhost:PORT/, which hands every request to moto as it came, and keeps it."""

    def __init__(self, moto, certificate, key):
        self.moto, self.calls = moto, []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = dict(self.headers)
                status, answered, data = front.moto.ask(body, headers)
                front.calls.append((headers, body, status, data))
                if b'"expiresAt"' in data:  # moto's is of the year 2015
                    answer = json.loads(data)
                    answer["authorizationData"][0]["expiresAt"] = time.time() + 43200
                    data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", answered.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler


def text_in(xml, tag):
    return xml.decode().split(f"<{tag}>")[1].split("<")[0]


def main(tree, emulator):
    with tempfile.TemporaryDirectory() as folder, World(folder, tree, emulator) as world, Moto() as moto:
        front = Front(moto, f"{folder}/server.pem", f"{folder}/server.key")
        config = world.write("ecr.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults: {{ caFile: {world.ca}, proxy: none }}
registries:
  - name: ecr
    matchImages: ["{HOST}"]
    backend: ecr
    audience: sts.amazonaws.com
    settings: {{ roleArn: "{ROLE}", stsEndpoint: "{front.url}", ecrEndpoint: "{front.url}" }}
""")
        request = world.request(image=f"{HOST}/team/app", token=world.token(audience="sts.amazonaws.com"))
        ask = lambda: world.run(world.regcred("--config", config), request)  # noqa: E731

        done = ask()
        assert done.returncode == 0, done.stderr
        login = json.loads(done.stdout)["auth"][HOST]
        assert login == {"username": "AWS", "password": f"{ACCOUNT}-auth-token"}, "moto's answer"
        (_, _, status, keys), (headers, body, status_of_ecr, _) = front.calls
        assert (status, status_of_ecr) == (200, 200)
        keys = [text_in(keys, tag) for tag in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
        assert headers["Authorization"] == signed_by_botocore(headers, body, keys), "botocore signs otherwise"

        # The judges do judge.
        refused = moto.ask(body, {**headers, "Authorization": headers["Authorization"][:-1] + "x"})
        assert refused[0] == 403 and b"SignatureDoesNotMatch" in refused[2], refused
        changed = {**headers, "Content-Type": headers["Content-Type"] + "x"}
        assert headers["Authorization"] != signed_by_botocore(changed, body, keys)
    print("moto takes the signature, and botocore makes the same")


if __name__ == "__main__":
    python_packages.run_with(["moto[server]==5.2.4", "botocore==1.44.8"], sys.argv[3])
    main(sys.argv[1], sys.argv[2])
