# SPDX-License-Identifier: Apache-2.0
"""OpenBao inside the machine: it trusts the cluster's issuer, and holds the second registry's password."""
import pathlib
import sys

from internet import HOSTS, ISSUER
from services import listens

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import openbao_server  # noqa: E402

HOST = "vault.example.com"
PORT, PLAIN_PORT = 8200, 8201
# In place of the walkthrough's entry with a password in a file.
ENTRY = f"""\
  - name: build-cache
    matchImages: ["registry.example.com"]
    backend: vault
    audience: vault
    settings: {{ address: "https://{HOST}:{PORT}", role: image-puller, mount: secret, path: "registries/{{registry}}" }}
"""


class OpenBao:
    def __init__(self, services, internet, program):
        self.services = services
        self.internet = internet
        self.program = program

    def start(self):
        """As an operator sets it up by backends/vault/README.md."""
        folder = self.internet.folder
        config = folder / "openbao.hcl"
        config.write_text(openbao_server.configuration(f"{HOSTS[HOST]}:{PORT}", folder))
        self.services.start("openbao", *openbao_server.command(self.program, PLAIN_PORT, config))
        api = openbao_server.Api(PLAIN_PORT)
        self.services.wait("openbao", lambda: listens(HOSTS[HOST], PORT) and api.is_up())
        api.allow_jwt(ISSUER, "image-puller", ca_pem=(folder / "ca.pem").read_text())
        api.write("secret/data/registries/registry.example.com",
                  {"data": {"username": "puller", "password": (folder / "password").read_text()}})

    def stop(self):
        self.services.stop("openbao")
