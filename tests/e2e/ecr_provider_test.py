#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The exec backend with the real ecr-credential-provider of Kubernetes as its program, before an STS and an ECR that
look at what they are asked. Built by Go in Go's own cache; skipped (77) without Go or its modules.

usage: ecr_provider_test.py TREE FOLDER
"""
import base64
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

MODULE = pathlib.Path(__file__).resolve().parent / "ecr_provider"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"
ROLE = "arn:aws:iam::123456789012:role/puller"
TOKEN = "eyJhbGciOiJub25lIn0.eyJhdWQiOlsic3RzLmFtYXpvbmF3cy5jb20iXSwic3ViIjoieCJ9.c2lnbmF0dXJl"
ASSUMED = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAKEY</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>session</SessionToken><Expiration>{}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def build(folder):
    go = shutil.which("go", path=os.environ["PATH"] + ":/usr/local/go/bin") or skip("there is no Go here")
    program = pathlib.Path(folder) / "ecr-credential-provider"
    os.nice(10)  # tests that measure time run beside this
    built = subprocess.run([go, "build", "-trimpath", "-ldflags=-s -w", "-o", program,
                            "k8s.io/cloud-provider-aws/cmd/ecr-credential-provider"], cwd=MODULE, text=True,
                           capture_output=True, env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local",
                                                     "GOWORK": "off", "GOFLAGS": "-mod=readonly"})
    if built.returncode != 0:
        skip(built.stderr.strip().splitlines()[-1])
    program.chmod(0o755)
    return str(program)


class Aws(http.server.BaseHTTPRequestHandler):
    calls = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        target = self.headers.get("X-Amz-Target", "")
        if target:
            self.calls.append(("ecr", target, self.headers["Authorization"]))
            token = base64.b64encode(b"AWS:pa55-of-ecr").decode()
            answer = json.dumps({"authorizationData": [{"authorizationToken": token, "expiresAt": time.time() + 43200,
                                                        "proxyEndpoint": "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]})
        else:
            form = dict(urllib.parse.parse_qsl(body))
            self.calls.append(("sts", form["RoleArn"], form["WebIdentityToken"]))
            answer = ASSUMED.format(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 900)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


def main(tree, folder):
    program = build(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    with tempfile.TemporaryDirectory() as place:
        shutil.copy2(program, place)
        config = pathlib.Path(place) / "config.yaml"
        config.write_text(f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults: {{ proxy: none }}
registries:
- name: ecr
  matchImages: ["*.dkr.ecr.*.amazonaws.com"]
  backend: exec
  audience: sts.amazonaws.com
  annotations: [eks.amazonaws.com/ecr-role-arn]
  settings:
    protocol: kubelet
    program: {place}/ecr-credential-provider
    env: {{ AWS_ENDPOINT_URL: "{url}", AWS_EC2_METADATA_DISABLED: "true" }}
""")
        config.chmod(0o600)
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "image": IMAGE,
                   "serviceAccountToken": TOKEN, "serviceAccountAnnotations": {"eks.amazonaws.com/ecr-role-arn": ROLE}}
        ended = subprocess.run([pathlib.Path(tree) / "bin/regcred", "--config", config], input=json.dumps(request), text=True,
                               capture_output=True, env={"PATH": "/usr/bin:/bin"}, timeout=60)
        assert ended.returncode == 0, ended.stderr
        answer = json.loads(ended.stdout)
        assert answer["auth"] == {IMAGE.split("/")[0]: {"username": "AWS", "password": "pa55-of-ecr"}}, answer
        hours = int(answer["cacheDuration"].rstrip("s")) / 3600
        assert 5.9 < hours <= 6, f"the provider says half of 12 h, not {answer['cacheDuration']}"
        assert [call[0] for call in Aws.calls] == ["sts", "ecr"], Aws.calls
        assert Aws.calls[0][1:] == (ROLE, TOKEN), "role by annotation, the pod's token"
        assert "Credential=ASIAKEY/" in Aws.calls[1][2], Aws.calls[1]


if __name__ == "__main__":
    main(*sys.argv[1:])
