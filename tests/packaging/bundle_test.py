#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A bundle on nodes that have little, or much that must have no effect: chroots, links, variables, odd files.

usage: bundle_test.py make TREE LAUNCHER BUNDLE    a bundle of what was built, with the libraries of this machine
       bundle_test.py BUNDLE EMULATOR [unittest's arguments]
"""
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/support"), str(SOURCE / "config/packaging")]
import runtime  # noqa: E402
from world import IMAGE, World  # noqa: E402

BUNDLE = WORLD = None
PLACE = "opt/regcred"  # of the bundle in a chroot
MARKED = "the node's library was loaded"
MARK = f'#include <unistd.h>\n__attribute__((constructor)) void mark(void) {{ write(2, "{MARKED}", {len(MARKED)}); }}\n'
NEEDS_MARK = "void mark(void);\nconst void *regcred_backend_entry_v1(void) { mark(); return 0; }\n"
# Where systems keep their roots: directories, {file: what it is a link to, or None for the roots themselves}. HASH stands
# for the name that OpenSSL looks for.
TRUST_STORES = {
    "Debian, Ubuntu, COS, Flatcar": {"etc/ssl/certs/ca.pem": None, "etc/ssl/certs/HASH": "ca.pem"},
    "Talos": {"etc/ssl/certs/ca-certificates.crt": None},
    "RHEL, Amazon Linux": {"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem": None, "etc/ssl/certs": "../pki/tls/certs",
                           "etc/pki/tls/certs/ca-bundle.crt": "../../ca-trust/extracted/pem/tls-ca-bundle.pem"},
    "RHEL without its links": {"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem": None},
    "SUSE": {"var/lib/ca-certificates/pem/ca.pem": None, "var/lib/ca-certificates/pem/HASH": "ca.pem",
             "etc/ssl/certs": "../../var/lib/ca-certificates/pem"},
    "SUSE, the bundle alone": {"var/lib/ca-certificates/ca-bundle.pem": None,
                               "etc/ssl/ca-bundle.pem": "../../var/lib/ca-certificates/ca-bundle.pem"},
    "Alpine": {"etc/ssl/certs/ca-certificates.crt": None, "etc/ssl/cert.pem": "certs/ca-certificates.crt",
               "etc/ssl/certs/ca-cert-one.pem": "/etc/ssl/certs/ca-certificates.crt", "etc/ssl/certs/HASH": "ca-cert-one.pem"},
    "Alpine without the package": {"etc/ssl/cert.pem": None},
}
IN_ROOT = """\
for place in dev/null $2; do mount --rbind "/$place" "$1/$place" || exit 99; done
shift 2
exec chroot "$root" "$@"
"""


def compile_library(path, text, *options):
    subprocess.run(["gcc", "-xc", "-shared", "-fPIC", "-o", str(path), "-", *map(str, options)], input=text, text=True, check=True)
    return path


class Root:
    """A root directory that holds the bundle, an empty /dev/null and /proc, and what a test puts there."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "root"
        shutil.copytree(BUNDLE, self.path / PLACE, symlinks=True)
        for name in ("dev", "proc", "etc/regcred"):
            (self.path / name).mkdir(parents=True)
        (self.path / "dev/null").touch()

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def configure(self, entry, ca_file="/etc/regcred/ca.pem"):
        shutil.copy(WORLD.ca, self.path / "etc/regcred/ca.pem")
        self.write("etc/regcred/config.yaml", json.dumps({  # JSON is YAML
            "apiVersion": "regcred/v1", "kind": "RegistryConfig",
            "defaults": {**({"caFile": ca_file} if ca_file else {}), "proxy": "none", "backendDirectories": ["/backends"]},
            "registries": [entry]}))
        (self.path / "backends").mkdir(exist_ok=True)

    def cloudsmith(self, api_host=None, **options):
        self.configure({"name": "cloudsmith", "matchImages": ["docker.cloudsmith.io"], "backend": "cloudsmith",
                        "audience": "cloudsmith", "settings": {"orgSlug": "iduffy-demo", "serviceSlug": "default-v9ty",
                                                               "apiHost": api_host or WORLD.api_host}}, **options)

    def trust(self, store):
        """The roots of WORLD where a system has them."""
        hash_name = subprocess.run(["openssl", "x509", "-noout", "-hash", "-in", WORLD.ca], check=True, capture_output=True,
                                   text=True).stdout.strip() + ".0"
        for name, target in store.items():
            path = self.path / name.replace("HASH", hash_name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if target is None:
                self.write(path.relative_to(self.path), pathlib.Path(WORLD.ca).read_text())
            else:
                path.symlink_to(target)

    def run(self, *arguments, stdin="", proc="proc", program=f"/{PLACE}/bin/regcred", env=None):
        """Runs the program with this as its root; proc="" leaves /proc empty."""
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", f"root=$1\n{IN_ROOT}", "_", str(self.path),
                   proc, "/" + program.lstrip("/"), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})})


class Bundle(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="regcred-bundle-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)

    def run_here(self, *arguments, program=None, env=None, stdin=""):
        return subprocess.run([str(program or BUNDLE / "bin/regcred"), *map(str, arguments)], input=stdin, text=True,
                              capture_output=True, timeout=60, env={"PATH": "/usr/bin:/bin", **(env or {})})

    def credential(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        (registry, auth), = json.loads(done.stdout)["auth"].items()
        self.assertTrue(auth["password"])
        return registry

    def failed(self, done, status, *words):
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_N5_an_empty_root_is_enough(self):
        root = Root(self.folder)
        root.cloudsmith()
        self.assertRegex(root.run("version").stdout, r"^regcred \d")
        self.assertEqual(root.run("check").stderr, "")
        self.assertEqual(self.credential(root.run(stdin=WORLD.request())), "docker.cloudsmith.io")

    def test_N5_names_are_resolved_whatever_modules_the_node_names(self):
        root = Root(self.folder)
        root.cloudsmith("exchange.test:" + WORLD.api_host.split(":")[1])
        root.write("etc/nsswitch.conf", "hosts: mymachines sss resolve [!UNAVAIL=return] mdns4_minimal files dns\n")
        root.write("etc/hosts", "127.0.0.1 exchange.test\n")
        self.failed(root.run(stdin=WORLD.request()), 6, "exchange.test", "is for another name")  # found, and no other

    def test_N5_the_roots_of_the_system_are_found(self):
        root = Root(self.folder)
        root.cloudsmith(ca_file=None)
        self.failed(root.run(stdin=WORLD.request()), 6, "this machine has none")
        for system, store in TRUST_STORES.items():
            with self.subTest(system=system):
                root.trust(store)
                self.credential(root.run(stdin=WORLD.request()))
                for folder in ("etc/ssl", "etc/pki", "var"):
                    shutil.rmtree(root.path / folder, ignore_errors=True)

    def test_N5_a_backend_of_another_team_is_loaded(self):
        root = Root(self.folder)
        root.configure({"name": "team", "matchImages": ["docker.cloudsmith.io"], "backend": "acme-package",
                        "settings": {"passwordFile": "/etc/regcred/password"}})
        root.write("etc/regcred/password", "of-the-team\n", 0o600)
        project = SOURCE / "tests/contract/cmake_package"
        subprocess.run(["g++", "-std=c++20", "-shared", "-fPIC", "-O1", f"-I{SOURCE}/core/sdk/include",
                        f"-I{SOURCE}/core/common/include", "-o", root.path / "backends/acme-package.so",
                        *project.glob("*.cpp")], check=True)
        self.assertEqual(self.credential(root.run(stdin=WORLD.request())), "docker.cloudsmith.io")

    def test_N5_one_in_rust_is_loaded_and_sends(self):
        root = Root(self.folder)
        root.configure({"name": "team", "matchImages": ["docker.cloudsmith.io"], "backend": "acme-rust", "audience": "cloudsmith",
                        "settings": {"apiHost": WORLD.api_host}})
        target = self.folder / "target"
        subprocess.run(["cargo", "--offline", "--locked", "--quiet", "build", "--release", "--target-dir", target, "--manifest-path",
                        SOURCE / "tests/contract/rust_backend/Cargo.toml"], check=True, env={**os.environ, "CARGO_HOME": str(self.folder / "home")})
        shutil.copy(target / "release/libacme_rust.so", root.path / "backends/acme-rust.so")
        done = root.run(stdin=WORLD.request())  # Cloudsmith refuses a body like this
        self.failed(done, 6, "acme-rust", "denied: apiHost refused this service account")

    def test_F8_no_variable_reaches_the_loader(self):
        mark = compile_library(self.folder / "mark.so", MARK)
        env = {"LD_PRELOAD": str(mark), "LD_AUDIT": str(mark), "LD_LIBRARY_PATH": str(self.folder), "LD_DEBUG": "libs",
               "GLIBC_TUNABLES": "glibc.malloc.check=3", "MALLOC_PERTURB_": "7", "GCONV_PATH": "/x", "LOCPATH": "/x"}
        done = self.run_here("version", env=env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(MARKED, self.run_here(program="/bin/true", env={"LD_PRELOAD": str(mark)}).stderr)
        with subprocess.Popen([BUNDLE / "bin/regcred"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env={**env, "KEPT": "yes"}) as waiting:
            process = pathlib.Path(f"/proc/{waiting.pid}")
            kept, end = [""], time.monotonic() + 10
            while kept == [""] and time.monotonic() < end:  # the kernel shows the new program before its environment
                if os.readlink(process / "exe") != str(BUNDLE / "bin/regcred"):
                    kept = (process / "environ").read_text().split("\0")
        self.assertEqual(kept, ["KEPT=yes", ""])

    def test_F8_no_library_of_the_node_is_used(self):
        root = Root(self.folder)
        root.configure({"name": "team", "matchImages": ["docker.cloudsmith.io"], "backend": "needs-mark", "settings": {}})
        libraries = root.path / "lib/x86_64-linux-gnu"
        libraries.mkdir(parents=True)
        compile_library(libraries / "libmark.so", MARK)
        for place in ("lib", "usr/lib", "usr/lib/x86_64-linux-gnu"):
            (root.path / place).mkdir(parents=True, exist_ok=True)
            shutil.copy(libraries / "libmark.so", root.path / place)
        compile_library(root.path / "backends/needs-mark.so", NEEDS_MARK, f"-L{libraries}", "-lmark")
        root.write("etc/ld.so.preload", "/lib/libmark.so\n")
        self.failed(root.run(stdin=WORLD.request()), 5, "needs the library libmark.so, which is not in this bundle",
                    "link libmark.so into the backend")

    def test_F8_without_proc_one_line_says_so(self):
        root = Root(self.folder)
        self.failed(root.run("version", proc="dev/null"), 8, "regcred: /proc/self/exe: cannot be read (error 2); mount /proc")

    def test_F8_a_path_that_the_loader_would_take_apart_is_refused(self):
        planted = self.folder / "b/lib/regcred/runtime"
        planted.mkdir(parents=True)
        compile_library(planted / "libm.so.6", MARK)
        for name in ("a:b", "a;b", "$ORIGIN"):
            with self.subTest(name=name):
                bundle = shutil.copytree(BUNDLE, self.folder / name, symlinks=True)
                done = subprocess.run([bundle / "bin/regcred", "version"], cwd=self.folder, capture_output=True, text=True)
                self.failed(done, 8, f"regcred: {bundle}/bin/regcred: ", "unpack the bundle where the path has none of them")

    def test_the_libraries_are_opened_at_once_and_with_a_space_in_the_path_after_a_search(self):
        for name, searches in (("ab", False), ("a b", True)):
            bundle = shutil.copytree(BUNDLE, self.folder / name, symlinks=True)
            done = subprocess.run(["strace", "-f", "-e", "trace=openat", bundle / "bin/regcred", "version"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"^regcred \d")
            self.assertEqual("ENOENT" in done.stderr, searches, done.stderr)
            self.assertNotIn("ld.so", done.stderr)

    def test_F8_a_copy_of_the_launcher_starts_nothing(self):
        (self.folder / "bin").mkdir()
        runtime_of_others = self.folder / "lib/regcred/runtime"
        copy = pathlib.Path(shutil.copy(BUNDLE / "bin/regcred", self.folder / "bin/plugin\n"))
        done = self.run_here(program=copy, env={"LD_LIBRARY_PATH": str(runtime_of_others)})
        self.failed(done, 8, f"regcred: {self.folder}/bin/plugin?: is a copy outside its bundle", "make a symbolic link")

    def test_F8_a_loader_that_may_not_be_executed_is_named(self):
        root = Root(self.folder)
        loader = f"/{PLACE}/lib/regcred/runtime/{runtime.loader_name(BUNDLE / 'bin/regcred')}"
        (root.path / loader[1:]).chmod(0o644)
        self.failed(root.run("version"), 8, f"regcred: {loader}: may not be executed", f"findmnt -T '{loader}'")

    def test_F1_whoever_may_write_a_library_of_the_bundle_is_reported(self):
        root = Root(self.folder)
        root.cloudsmith()
        (root.path / PLACE / "lib/regcred/runtime/libc.so.6").chmod(0o666)
        done = root.run("check")
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"/{PLACE}/lib/regcred/runtime/libc.so.6", done.stdout)

    def test_a_link_is_enough_under_whatever_name(self):
        plugins = self.folder / "plugins"
        plugins.mkdir()
        (plugins / "regcred").symlink_to(BUNDLE / "bin/regcred")
        drop_in = plugins / "cloudsmith-kubernetes-credential-provider"
        drop_in.symlink_to("regcred")
        done = self.run_here(program=drop_in, env=WORLD.drop_in_env, stdin=WORLD.request())
        self.assertEqual(self.credential(done), IMAGE.split("/")[0])
        self.assertIn("regcred ", self.run_here("version", program=plugins / "regcred").stdout)

    def test_links_lead_to_the_launcher(self):
        done = self.run_here("install-links", self.folder, "--config", WORLD.two_registries())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(os.readlink(self.folder / "regcred"), str(BUNDLE / "bin/regcred"))

    def test_arguments_and_conformance(self):
        done = self.run_here("get", "a b", "--token-file", "")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("a b", done.stderr)
        conformance = self.run_here("--help", program=BUNDLE / "bin/regcred-conformance")
        self.assertIn("regcred-conformance", conformance.stdout)


def make(tree, launcher, bundle):
    shutil.rmtree(bundle, ignore_errors=True)
    shutil.copytree(tree, bundle, symlinks=True, ignore=shutil.ignore_patterns("*.map"))
    runtime.make_bundle(pathlib.Path(bundle), launcher, [f"/usr/lib/{platform.machine()}-linux-gnu"])


def run(bundle, emulator, *arguments):
    """The outcome of the tests, as unittest gives it."""
    global BUNDLE, WORLD
    BUNDLE = pathlib.Path(bundle).resolve()
    with tempfile.TemporaryDirectory(prefix="regcred-world-") as folder, World(folder, BUNDLE, emulator) as world:
        WORLD = world
        return unittest.main(__name__, argv=["bundle_test.py", *arguments], exit=False, verbosity=1).result


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        sys.exit(not run(*sys.argv[1:]).wasSuccessful())
