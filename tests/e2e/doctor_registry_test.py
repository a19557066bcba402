#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`regcred doctor` and `regcred get` against a real registry (Debian's docker-registry) with token authentication.

usage: doctor_registry_test.py TREE EMULATOR
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from world import World  # noqa: E402


class TlsWorld(World):
    """The issuer speaks https, as doctor wants it."""

    def serve(self, *arguments):
        more = ("--ca-file", str(self.folder / "issuer-ca.pem")) if arguments[0] == "issuer" else ()
        return super().serve(*arguments, *more)

    def configure(self):
        authorities = "".join((self.folder / name).read_text() for name in ("issuer-ca.pem", "ca.pem"))
        self.config = self.write("doctor.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
defaults: {{ caFile: {self.write("authorities.pem", authorities)}, proxy: none }}
registries:
  - name: cloudsmith
    matchImages: ["{self.registry}"]
    backend: cloudsmith
    audience: cloudsmith
    settings: {{ orgSlug: iduffy-demo, serviceSlug: default-v9ty, apiHost: "{self.api_host}", registryHosts: ["{self.registry}"] }}
""")

    def command(self, *arguments):
        command = self.regcred(*arguments, "--config", self.config, "--token-file", self.write("token", self.token()))
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"})

    def steps(self, image):
        """The exit status and the steps of one run by name."""
        output = self.command("doctor", image, "-o", "json")
        document = json.loads(output.stdout)
        return output.returncode, {step["step"]: step for step in document["steps"]}


def require(condition, what, seen):
    if not condition:
        sys.exit(f"expected {what}; seen: {seen}")


def main(tree, emulator):
    with tempfile.TemporaryDirectory(prefix="regcred-doctor-") as folder, TlsWorld(folder, tree, emulator) as world:
        world.start_registry()
        world.configure()
        image = f"{world.registry}/iduffy-demo/purple-team/ubuntu"
        for repository in ("purple-team", "other-team"):
            pushed = world.skopeo(f"oci:{world.small_image()}" if repository == "purple-team" else f"oci:{folder}/image",
                                  f"docker://{world.registry}/iduffy-demo/{repository}/ubuntu:24.04",
                                  ("publisher", "publisher-password"))
            require(pushed.returncode == 0, "a push", pushed.stderr)

        status, steps = world.steps(f"{image}:24.04")
        require(status == 0 and all(step["state"] == "passed" for step in steps.values()), "every step to pass", steps)
        status, steps = world.steps(f"{image}:missing")
        require(status == 6 and "MANIFEST_UNKNOWN" in steps["registry-pull"]["what"], "a missing tag", steps)
        status, steps = world.steps(f"{world.registry}/iduffy-demo/other-team/ubuntu:24.04")
        require(status == 6 and steps["registry-login"]["state"] == "passed", "a login", steps)
        require("may not read it" in steps["registry-pull"]["what"], "a refused pull", steps)

        # What get writes, a client can use.
        config = world.command("get", image, "-o", "docker-config", "--show-secrets")
        require(config.returncode == 0, "a docker config", config.stderr)
        auth = world.write("config.json", config.stdout)
        pulled = subprocess.run(["skopeo", "--insecure-policy", "inspect", "--raw", "--authfile", auth, "--cert-dir",
                                 f"{folder}/certificates", f"docker://{image}:24.04"], capture_output=True, text=True,
                                timeout=60, env={"PATH": "/usr/bin:/bin", "HOME": folder, "SSL_CERT_FILE": world.ca})
        require(pulled.returncode == 0, "an image that can be read", pulled.stderr)
    print("doctor and a real registry agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
