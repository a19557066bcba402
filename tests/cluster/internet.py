# SPDX-License-Identifier: Apache-2.0
"""The internet of our machine: Cloudsmith with its registry, a second registry, and a host for static files.

All have their real names (/etc/hosts), the ports of https, and certificates that the machine's bundle trusts.
"""
import base64
import json
import pathlib
import secrets
import shutil
import subprocess
import sys

from services import listens

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from htpasswd import htpasswd  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
HOSTS = {"api.cloudsmith.io": "127.0.1.1", "realm.cloudsmith.io": "127.0.1.1", "docker.cloudsmith.io": "127.0.1.2",
         "oidc.example.com": "127.0.1.3", "registry.example.com": "127.0.1.4",
         "vault.example.com": "127.0.1.5"}
ISSUER = "https://oidc.example.com"
CLOUDSMITH_IMAGE = "docker.cloudsmith.io/acme/purple-team/hello:1.0"
SECOND_IMAGE = "registry.example.com/tools/hello:1.0"
TRUSTED = pathlib.Path("/etc/ssl/certs")
HOSTS_FILE = pathlib.Path("/etc/hosts")


class Internet:
    def __init__(self, services, emulator):
        self.services = services
        self.folder = services.folder / "internet"
        self.emulator = str(emulator)

    def start(self, image):
        """`image` is pushed to both registries."""
        self.folder.mkdir()
        with HOSTS_FILE.open("a") as hosts:
            hosts.writelines(f"{address} {name}\n" for name, address in HOSTS.items())
        self.start_cloudsmith()
        self.start_registry("docker.cloudsmith.io", "auth: { token: { realm: \"https://realm.cloudsmith.io/token\", "
                            f"service: docker.cloudsmith.io, issuer: {self.realm_issuer}, "
                            f"rootcertbundle: {self.folder}/realm.pem }} }}")
        self.password = secrets.token_hex(12)
        (self.folder / "password").write_text(self.password)
        (self.folder / "htpasswd").write_text(htpasswd("puller", self.password))
        self.start_registry("registry.example.com", f"auth: {{ htpasswd: {{ realm: tools, path: {self.folder}/htpasswd }} }}")
        self.start_static_host()
        self.push(image, CLOUDSMITH_IMAGE, "publisher", "publisher-password")
        self.push(image, SECOND_IMAGE, "puller", self.password)

    def start_cloudsmith(self):
        names = [f"--name={name}" for name in HOSTS]
        command = [self.emulator, "cloudsmith", str(self.folder), f"--organisations={HERE}/organisations.json",
                   f"--issuer={ISSUER}", f"--listen={HOSTS['api.cloudsmith.io']}:443", *names]
        self.realm_issuer = self.services.start_serving("cloudsmith", command, json.loads)["realmIssuer"]
        trust(self.folder / "ca.pem")

    def start_registry(self, host, auth):
        config = self.folder / f"{host}.yml"
        config.write_text(f"""\
version: 0.1
log: {{ level: info, accesslog: {{ disabled: false }} }}
storage: {{ filesystem: {{ rootdirectory: {self.folder}/{host} }} }}
http:
  addr: {HOSTS[host]}:443
  host: https://{host}
  tls: {{ certificate: {self.folder}/server.pem, key: {self.folder}/server.key }}
{auth}
""")
        self.services.start(host, "docker-registry", "serve", str(config))
        self.services.wait(host, lambda: listens(HOSTS[host], 443))

    def start_static_host(self):
        """Where an operator publishes the issuer's documents."""
        host = "oidc.example.com"
        self.published = self.folder / "published"
        self.published.mkdir()
        self.services.start(host, "/usr/bin/python3", str(HERE / "static_host.py"), HOSTS[host], str(self.published),
                            str(self.folder / "server.pem"), str(self.folder / "server.key"))
        self.services.wait(host, lambda: listens(HOSTS[host], 443))

    def push(self, layout, image, username, password):
        auth = base64.b64encode(f"{username}:{password}".encode()).decode()
        authfile = self.folder / "push.json"
        authfile.write_text(json.dumps({"auths": {image.split("/")[0]: {"auth": auth}}}))
        subprocess.run(["skopeo", "--insecure-policy", "copy", "--quiet", "--authfile", str(authfile),
                        f"oci:{layout}", f"docker://{image}"], check=True)
        authfile.unlink()


def trust(authority):
    """Adds a CA to the machine's roots, in both forms that update-ca-certificates writes."""
    hashed = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", str(authority)], check=True,
                            capture_output=True, text=True).stdout.strip()
    shutil.copy(authority, TRUSTED / f"{hashed}.0")
    with (TRUSTED / "ca-certificates.crt").open("a") as bundle:
        bundle.write(authority.read_text())
