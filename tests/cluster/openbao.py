# SPDX-License-Identifier: Apache-2.0
"""OpenBao inside the machine: it trusts the cluster's issuer, and holds the second registry's password."""
import json
import pathlib
import sys
import urllib.request

from internet import HOSTS, ISSUER
from services import listens

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "openbao"))
import fetch  # noqa: E402

HOST = "vault.example.com"
PORT, PLAIN_PORT = 8200, 8201
POLICY = 'path "secret/data/registries/*" { capabilities = ["read"] }'
# In place of the walkthrough's entry with a password in a file.
ENTRY = f"""\
  - name: build-cache
    matchImages: ["registry.example.com"]
    backend: vault
    audience: vault
    settings: {{ address: "https://{HOST}:{PORT}", role: image-puller, mount: secret, path: "registries/{{registry}}" }}
"""


def program():
    """Of build/openbao, where the tests keep it, too; fetched when it is not there."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "build/openbao"
    fetch.main(folder)
    return str(fetch.server(folder))


class OpenBao:
    def __init__(self, services, internet, program):
        self.services = services
        self.internet = internet
        self.program = program

    def start(self):
        """As an operator sets it up by backends/vault/README.md."""
        folder = self.internet.folder
        (folder / "bao.hcl").write_text(f"""\
listener "tcp" {{
  address = "{HOSTS[HOST]}:{PORT}"
  tls_cert_file = "{folder}/server.pem"
  tls_key_file = "{folder}/server.key"
}}
""")
        self.services.start("openbao", self.program, "server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token",
                            f"-dev-listen-address=127.0.0.1:{PLAIN_PORT}", f"-config={folder}/bao.hcl")
        self.services.wait("openbao", lambda: listens(HOSTS[HOST], PORT))
        self.write("sys/auth/jwt", {"type": "jwt"})
        self.write("auth/jwt/config", {"oidc_discovery_url": ISSUER, "bound_issuer": ISSUER,
                                       "oidc_discovery_ca_pem": (folder / "ca.pem").read_text()})
        self.write("sys/policies/acl/pull", {"policy": POLICY})
        self.write("auth/jwt/role/image-puller", {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"],
                                                  "token_policies": ["pull"], "token_ttl": "60s"})
        self.write("secret/data/registries/registry.example.com",
                   {"data": {"username": "puller", "password": (folder / "password").read_text()}})

    def stop(self):
        self.services.stop("openbao")

    def write(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{PLAIN_PORT}/v1/{path}", json.dumps(body).encode(),
                                         {"X-Vault-Token": "root"}, method="POST")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            answer.read()
