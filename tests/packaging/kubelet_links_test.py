#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the packages read before they are removed: the kubelet's bin directory is found in every form that nodes have.

That each file is read, and what the refusal says: deb_test.py and forms_test.py.
"""
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "config/packaging"))
from kubelet_files import FLAG, KUBELET_FILES, PLUGINS  # noqa: E402
from kubelet_links import SCRIPT  # noqa: E402

K3S_OWN = "/var/lib/rancher/credentialprovider/bin"


def directories(text, shell="sh"):
    done = subprocess.run([shell, "-c", f"set -e\n{SCRIPT}\nbin_directories"], input=text, capture_output=True, text=True, check=True)
    assert not done.stderr, done.stderr
    return done.stdout.split("\n")[:-1]


class BinDirectories(unittest.TestCase):
    def test_every_form_of_a_file_is_read(self):
        for file, text in KUBELET_FILES.items():
            for shell in ("dash", "bash"):
                with self.subTest(file=file, shell=shell):
                    self.assertEqual(directories(text, shell), [PLUGINS, K3S_OWN])

    def test_words_of_command_lines(self):
        for words in (f"kubelet\n--{FLAG}={PLUGINS}\n--v=2\n", f"kubelet\n--{FLAG}\n{PLUGINS}\n", f"/k3s agent --{FLAG} {PLUGINS}  \n",
                      f"k3s\nserver\n--kubelet-arg\n{FLAG}={PLUGINS}\n"):
            with self.subTest(words=words):
                self.assertEqual(directories(words), [PLUGINS, K3S_OWN])

    def test_each_directory_is_given_once_and_from_the_root(self):
        self.assertEqual(directories(f"--{FLAG}=/b\n--{FLAG}=/a\n--{FLAG} /b\n{FLAG}: c/d\n"), ["/a", "/b", "/c/d", K3S_OWN])

    def test_nothing_else_names_one(self):
        for text in ("", f"# {FLAG}: /a\n", f"  ; --{FLAG}=/a\n", "--image-credential-provider-config=/a\n", f"--{FLAG}=\n", f"{FLAG}:\n"):
            with self.subTest(text=text):
                self.assertEqual(directories(text), [K3S_OWN])


if __name__ == "__main__":
    unittest.main()
