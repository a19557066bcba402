"""What the measured programs live in: emulator, tokens, configurations, commands."""
import json
import os
import pathlib
import signal
import subprocess
import time


class World:
    def __init__(self, folder, tree, programs, emulator):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o700)
        self.tree = pathlib.Path(tree)
        self.programs = pathlib.Path(programs)
        self.emulator = emulator
        self.clean_env = {"PATH": "/usr/bin:/bin"}
        self.two_registries = str(self.folder / "two.yaml")

    def __enter__(self):
        self.start_emulator()
        self.write_two_registries()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)

    def program(self, name):
        return str(self.programs / name)

    def regcred(self, *arguments):
        return [str(self.tree / "bin/regcred"), *arguments]

    def request(self, image):
        return json.dumps({
            "kind": "CredentialProviderRequest",
            "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
            "image": image,
            "serviceAccountToken": self.token,
            "serviceAccountAnnotations": {},
        }).encode() + b"\n"

    def write_private(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def write_two_registries(self):
        password = self.write_private("password", "static-password\n")
        self.write_private("two.yaml", f"""\
apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io", "*.cloudsmith.com"]
    backend: cloudsmith
    settings: {{ orgSlug: acme }}
  - name: static
    matchImages: ["registry.example.com"]
    backend: static
    settings: {{ username: robot, passwordFile: {password} }}
""")

    def large_config(self, entries):
        lines = ["apiVersion: regcred/v1", "kind: RegistryConfig", "registries:"]
        for number in range(entries):
            lines += [f"  - name: team-{number}",
                      f"    matchImages: [\"registry-{number}.example.com\"]",
                      "    backend: static",
                      f"    settings: {{ username: team-{number}, passwordFile: /etc/regcred/team-{number} }}"]
        return self.write_private(f"large-{entries}.yaml", "\n".join(lines) + "\n")
