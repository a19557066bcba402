#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`regcred node install` on a node of its own: this test is process 1 there, and starts its kubelet as systemd would.

usage: node_install_test.py TREE KUBELET
"""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import threading
import time
import unittest

TREE, KUBELET = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
REGCRED = TREE / "bin/regcred"
ARGUMENTS = pathlib.Path("/etc/default/kubelet")
UNIT = """[Service]
EnvironmentFile=-/etc/default/kubelet
ExecStart=/usr/bin/kubelet $KUBELET_EXTRA_ARGS
"""
CONFIGURATION = """apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: build
    matchImages: [{image}]
    backend: static
    settings: {{ username: {user}, passwordFile: /etc/regcred/password }}
"""
THEIRS = """# by hand
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: theirs
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["a.example.com"]
    defaultCacheDuration: 10m
"""


class Kubelet:
    """Started anew whenever it ends, with the arguments that the file of variables has then."""

    def __init__(self):
        self.process, self.starts, self.is_over = None, 0, False
        self.thread = threading.Thread(target=self.supervise, daemon=True)
        self.thread.start()
        while self.process is None:
            time.sleep(0.01)

    def supervise(self):
        while not self.is_over:
            words = shlex.split(ARGUMENTS.read_text().partition("=")[2]) if ARGUMENTS.exists() else []
            self.process = subprocess.Popen([KUBELET, *shlex.split(" ".join(words))])
            self.starts += 1
            self.process.wait()

    def end(self):
        self.is_over = True
        self.process.kill()
        self.thread.join()


def regcred(*words):
    return subprocess.run([REGCRED, *map(str, words)], capture_output=True, text=True)


class NodeInstall(unittest.TestCase):
    def setUp(self):
        self.mounted = []
        self.mount("tmpfs", "/run")
        for folder in ("etc", "work", "regcred-test"):
            pathlib.Path("/run", folder).mkdir()
        self.mount("overlay", "/etc", "lowerdir=/etc,upperdir=/run/etc,workdir=/run/work")  # nothing is left in the real one
        for place in ("/etc/regcred", "/etc/default", "/etc/systemd/system"):
            pathlib.Path(place).mkdir(parents=True, exist_ok=True)
        for place in ("/opt", "/etc/regcred", "/etc/default", "/etc/systemd/system", "/var/lib"):
            self.mount("tmpfs", place)
        os.umask(0o022)
        pathlib.Path("/etc/systemd/system/kubelet.service").write_text(UNIT)
        password = pathlib.Path("/etc/regcred/password")
        password.write_text("s3cret\n")
        password.chmod(0o600)
        self.restart = pathlib.Path("/run/regcred-test/restart")
        self.restart.write_text("#!/bin/sh\nkill $(cat /run/regcred-test/pid)\n")
        self.restart.chmod(0o755)
        self.config = pathlib.Path("/run/regcred-test/config.yaml")
        self.configure("registry.example.com", "puller")

    def tearDown(self):
        self.kubelet.end()
        for place in reversed(self.mounted):
            subprocess.run(["umount", "--lazy", place], check=True)

    def mount(self, kind, place, options="mode=0755"):
        subprocess.run(["mount", "-t", kind, "-o", options, kind, place], check=True)
        self.mounted.append(place)

    def configure(self, image, user):
        self.config.write_text(CONFIGURATION.format(image=image, user=user))

    def start(self, arguments):
        ARGUMENTS.write_text(f'KUBELET_EXTRA_ARGS="{arguments}"\n')
        self.kubelet = Kubelet()
        time.sleep(0.2)

    def install(self, *more):
        pathlib.Path("/run/regcred-test/pid").write_text(str(self.kubelet.process.pid))
        return regcred("node", "install", "--config", self.config, "--kubernetes-version", "1.34", "--restart",
                       self.restart, *more)

    def status(self):
        return json.loads(regcred("node", "status", "--config", self.config, "--kubernetes-version", "1.34", "-o",
                                  "json").stdout)

    def test_N3_N4_a_merge_one_restart_and_new_settings_without_one(self):
        theirs = pathlib.Path("/opt/plugins/theirs")
        theirs.parent.mkdir()
        theirs.write_text("#!/bin/sh\n")
        theirs.chmod(0o755)
        providers = pathlib.Path("/opt/providers.yaml")
        providers.write_text(THEIRS)
        self.start(f"--image-credential-provider-config={providers} --image-credential-provider-bin-dir={theirs.parent}")
        dry = self.install("--dry-run")
        self.assertEqual((dry.returncode, providers.read_text()), (0, THEIRS), dry.stderr)
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the kubelet was restarted and runs\n", done.stdout)
        self.assertEqual(self.kubelet.starts, 2)
        self.assertTrue(providers.read_text().startswith(THEIRS))
        # A bundle is copied, a package's program is used where it is.
        program = (theirs.parent / "regcred").resolve(strict=True)
        is_copy = program.is_relative_to("/opt/regcred/versions") and program.read_bytes() == REGCRED.read_bytes()
        self.assertTrue(is_copy if (TREE / "lib/regcred/runtime").exists() else program == REGCRED, program)
        self.assertTrue(self.status()["install"]["upToDate"])
        checked = regcred("check", "--kubelet")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

        self.configure("registry.example.com", "another")
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("need not be restarted\n", done.stdout)
        self.assertIn("another", pathlib.Path("/etc/regcred/config.yaml").read_text())
        self.assertEqual(self.kubelet.starts, 2)

        removal = regcred("node", "remove", "--dry-run")
        self.assertIn(f"  change  {providers}\n", removal.stdout, removal.stderr)
        before = providers.read_text()
        self.config.write_text("registries: nonsense\n")
        refused = self.install()
        self.assertEqual(refused.returncode, 3, refused.stdout + refused.stderr)
        self.assertEqual((providers.read_text(), self.kubelet.starts), (before, 2))

    def test_N1_flags_beside_the_operators_arguments_and_a_password_that_is_missing(self):
        self.start("--v=2 --node-labels='a=b c'")
        pathlib.Path("/etc/regcred/password").rename("/etc/regcred/elsewhere")
        refused = self.install()
        self.assertEqual(refused.returncode, 3, refused.stdout + refused.stderr)
        self.assertIn("/etc/regcred/password", refused.stderr)
        self.assertEqual(ARGUMENTS.read_text(), "KUBELET_EXTRA_ARGS=\"--v=2 --node-labels='a=b c'\"\n")
        pathlib.Path("/etc/regcred/elsewhere").rename("/etc/regcred/password")
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.kubelet.starts, 2)
        self.assertIn("--v=2 --node-labels='a=b c' --image-credential-provider-config=", ARGUMENTS.read_text())
        self.assertTrue(self.status()["install"]["upToDate"])
        checked = regcred("check", "--kubelet")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

        pathlib.Path("/run/regcred-test/pid").write_text(str(self.kubelet.process.pid))
        removed = regcred("node", "remove", "--restart", self.restart)
        self.assertEqual(removed.returncode, 0, removed.stdout + removed.stderr)
        self.assertEqual(self.kubelet.starts, 3)
        self.assertEqual(ARGUMENTS.read_text(), "KUBELET_EXTRA_ARGS=\"--v=2 --node-labels='a=b c'\"\n")
        self.assertFalse(pathlib.Path("/opt/regcred/kubelet/bin/regcred").is_symlink())
        self.assertFalse(pathlib.Path("/etc/regcred/config.yaml").exists())
        self.assertIn("nothing is installed", regcred("node", "remove").stdout)


if __name__ == "__main__":
    if os.getpid() != 1:
        sys.exit(subprocess.run(["unshare", "--mount", "--pid", "--fork", "--mount-proc", sys.executable, *sys.argv]).returncode)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
