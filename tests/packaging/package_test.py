#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The archives of `./dev package`: unpacked, looked into, and run as a node would; of another processor by qemu.

usage: package_test.py PACKAGES EMULATOR ARCHITECTURE...

PACKAGES holds them, SHA256SUMS, and what they were made from under work/. The last line counts.
"""
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tarfile
import tempfile
import unittest

import bundle_test
from bundle_test import SOURCE, Root, runtime

sys.path[:0] = [str(SOURCE / "tests/e2e"), str(SOURCE / "tests/bench")]
import archive  # noqa: E402
import order  # noqa: E402
import toolchain  # noqa: E402
from binary_test import hardening  # noqa: E402

VALIJSON = SOURCE / "build/valijson"  # headers, where they are not installed
PACKAGES = EMULATOR = ARCHITECTURE = WORK = BUNDLE = ARCHIVE = None
OWN = ("regcred", "regcred-conformance")
# OpenSSL that reads this has no cipher left.
BROKEN_OPENSSL = "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = none\n[none]\nCipherString = NULL\nMinProtocol = TLSv9\n"


def output(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def elf_files():
    """Every ELF file of the bundle but the launchers."""
    found = [path for path in BUNDLE.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    return sorted(path for path in found if path.parent.name != "bin")


SOURCE_PACKAGE = "${source:Package} ${source:Version}"


@functools.cache
def installed():
    """{file: its package}, of this machine."""
    return {name: path.stem for path in pathlib.Path("/var/lib/dpkg/info").glob("*.list") for name in path.read_text().splitlines()}


@functools.cache
def source_of_installed(package):
    return output("dpkg-query", "-W", "-f", SOURCE_PACKAGE, package)


@functools.cache
def unpacked(root, packages):
    """{file: name and version of its source package} of what was unpacked below ROOT."""
    found = {}
    for package in sorted(packages.glob("*.deb")):
        source = output("dpkg-deb", "-W", "--showformat", SOURCE_PACKAGE, package)
        for line in output("dpkg-deb", "-c", package).splitlines():
            name = re.sub(" (?:->|link to) .*", "", line.split(maxsplit=5)[5])
            found[os.path.normpath(f"{root}/{name}")] = source
    return found


def source_of(path):
    """Name and version of the source package that a file is from: one of this machine, or unpacked."""
    for root, packages in ((WORK / "sysroot", WORK / "sysroot-packages"), (VALIJSON, VALIJSON)):
        if root in pathlib.Path(path).parents:
            return unpacked(root, packages)[os.path.normpath(path)]
    real = os.path.realpath(path)
    for name in (os.path.normpath(path), real, real.removeprefix("/usr")):
        if name in installed():
            return source_of_installed(installed()[name])
    raise AssertionError(f"{path} belongs to no package")


def curl():
    return "curl " + (WORK / "libcurl/built-from").read_text().split()[0]


def sources_of_headers():
    """Source packages whose headers were compiled, by what the compiler wrote down for ninja."""
    headers = {line.strip() for line in output("ninja", "-C", WORK / "regcred", "-t", "deps").splitlines() if line.startswith("    /")}
    of_curl = {name for name in headers if name.startswith(f"{WORK}/libcurl/")}
    elsewhere = {name for name in headers if name.startswith((f"{WORK}/sysroot/", f"{VALIJSON}/")) or not name.startswith(f"{SOURCE}/")}
    return {source_of(name) for name in elsewhere - of_curl} | {curl() for _ in of_curl}


class Archive(unittest.TestCase):
    def test_one_directory_of_root_sorted_and_of_one_time(self):
        with tarfile.open(ARCHIVE) as tar:
            members = tar.getmembers()
        self.assertEqual({member.name.split("/")[0] for member in members}, {BUNDLE.name})
        self.assertEqual({(member.uid, member.gid, member.uname, member.gname) for member in members}, {(0, 0, "", "")})
        self.assertEqual({member.mode for member in members}, {0o755, 0o644})
        self.assertEqual(len({member.mtime for member in members}), 1)
        self.assertTrue(all(member.isfile() or member.isdir() for member in members))
        self.assertEqual([member.name.split("/") for member in members], sorted(member.name.split("/") for member in members))
        header = ARCHIVE.read_bytes()[:10]
        self.assertEqual((header[3], header[4:8]), (0, bytes(4)))  # gzip: no name, no time

    def test_R2_the_same_tree_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            again = pathlib.Path(folder) / "again.tar.gz"
            with tarfile.open(ARCHIVE) as tar:
                seconds = tar.next().mtime
            archive.make_archive(BUNDLE, again, seconds)
            self.assertEqual(again.read_bytes(), ARCHIVE.read_bytes())

    def test_sums(self):
        subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=PACKAGES, check=True)
        listed = {line.split()[1] for line in (PACKAGES / "SHA256SUMS").read_text().splitlines()}
        made = {path.name for path in PACKAGES.iterdir() if path.is_file()}
        self.assertEqual(listed, made - {"SHA256SUMS", "SHA256SUMS.asc"})  # the latter with REGCRED_SIGNING_KEY

    def test_nothing_tells_where_it_was_built(self):
        for path in [*elf_files(), *(BUNDLE / "bin").iterdir()]:
            data = path.read_bytes()
            for place in (SOURCE / "core", SOURCE / "build"):
                self.assertFalse(f"{place}/".encode() in data, f"{path.name} holds {place}")


class Elf(unittest.TestCase):
    def test_what_is_needed_is_in_the_bundle(self):
        have = {path.name for path in (BUNDLE / "lib/regcred/runtime").iterdir()}
        self.assertGreater(len(elf_files()), 15)
        for path in elf_files():
            with self.subTest(path=path.name):
                self.assertLessEqual(set(runtime.needed(path)), have)
                self.assertNotRegex(runtime.elf(path, "--dynamic"), r"\((RPATH|RUNPATH)\)")
                self.assertNotIn(" .symtab", runtime.elf(path, "--sections"))

    def test_what_is_ours_shares_nothing_but_the_c_library(self):
        for path in elf_files():
            if path.parent.name == "runtime" and path.name not in OWN:
                continue
            with self.subTest(path=path.name):
                self.assertLessEqual(set(runtime.needed(path)), {"libc.so.6", "libm.so.6", runtime.loader_name(path)})
                self.assertEqual([what for what, holds in hardening(path) if not holds], [])

    def test_the_http_module_keeps_its_openssl_to_itself(self):
        exported = output("nm", "-D", "--defined-only", BUNDLE / "lib/regcred/regcred-http.so").split()[2::3]
        self.assertEqual(exported, ["regcred_http_module"])

    def test_what_a_request_runs_lies_side_by_side(self):
        wanted = order.names((SOURCE / "config/packaging/order.ld").read_text())
        linked = {name for path in WORK.glob("regcred/tree/**/*.map") for _, _, name in order.sections(path.read_text())}
        self.assertGreater(len(wanted & linked), 0.9 * len(wanted), "the code has grown away from order.ld; write it anew: ./dev order")
        for path in ("lib/regcred/runtime/regcred", "lib/regcred/regcred-http.so"):
            self.assertIn(" .text.first ", runtime.elf(BUNDLE / path, "--sections"))

    def test_the_launcher_needs_nothing(self):
        for name in OWN:
            path = BUNDLE / "bin" / name
            self.assertLess(path.stat().st_size, 100_000)
            self.assertNotRegex(runtime.elf(path, "--program-headers"), "INTERP|RWE")
            self.assertIn("no relocations", runtime.elf(path, "--relocs"))
            self.assertEqual(runtime.needed(path), [])

    def test_the_loader_names_no_directory_of_the_node(self):
        loader = (BUNDLE / "lib/regcred/runtime" / runtime.loader_name(BUNDLE / "bin/regcred")).read_bytes()
        self.assertEqual(re.findall(rb"(?:/usr)?/lib/(?!ld-linux)[\x20-\x7e]*\0|\0/etc/ld\.so[\x20-\x7e]*\0", loader), [])


class Contents(unittest.TestCase):
    def setUp(self):
        self.document = json.loads((BUNDLE / "share/doc/regcred/regcred.spdx.json").read_text())
        self.packages = {package["SPDXID"]: package for package in self.document["packages"]}
        self.files = {file["SPDXID"]: file for file in self.document["files"]}

    def inside(self, path):
        """Source packages that the SBOM says are in a file: "name version"."""
        name = f"./{path.relative_to(BUNDLE)}"
        file, = (key for key, value in self.files.items() if value["fileName"] == name)
        parts = [link["relatedSpdxElement"] for link in self.document["relationships"] if link["spdxElementId"] == file]
        return {f'{part.removeprefix("SPDXRef-")} {self.packages[part]["versionInfo"]}' for part in parts}

    def test_R1_each_file_is_listed_with_its_sum(self):
        self.assertEqual(sorted(file["fileName"] for file in self.files.values()),
                         sorted(f"./{path.relative_to(BUNDLE)}" for path in elf_files()))
        for file in self.files.values():
            sums = {item["algorithm"]: item["checksumValue"] for item in file["checksums"]}
            self.assertEqual(sums["SHA256"], archive.sha256(BUNDLE / file["fileName"]))
        beside, = PACKAGES.glob(f"*-{ARCHITECTURE}.spdx.json")
        self.assertEqual(json.loads(beside.read_text()), self.document)

    # By the link map's list of sections, where sbom.py reads its list of members.
    def test_R1_what_is_linked_into_a_file_is_listed_and_nothing_else(self):
        staged = WORK / "regcred/tree"
        for path in elf_files():
            place = path.relative_to(BUNDLE).as_posix().replace("lib/regcred/runtime/", "bin/")
            if not (staged / place).exists():
                continue
            sections = (staged / f"{place}.map").read_text().partition("\nLinker script and memory map")[2]
            linked = set(re.findall(r"^ \S*\s+0x\w+\s+0x\w+ (/\S+?\.[ao])(?:\(|$)", sections, re.MULTILINE))
            found = {curl() if name.startswith(f"{WORK}/libcurl/") else source_of(name) for name in linked
                     if name.startswith((f"{WORK}/libcurl/", f"{WORK}/sysroot/")) or not name.startswith(f"{WORK}/")}
            with self.subTest(path=path.name):
                self.assertEqual(self.inside(path), found)

    def test_R1_each_copied_library_is_listed(self):
        triplet = toolchain.ARCHITECTURES[ARCHITECTURE].triplet
        root = "/" if ARCHITECTURE == toolchain.native() else WORK / "sysroot"
        directories = [pathlib.Path(root) / folder / triplet for folder in ("lib", "usr/lib")]
        for path in (BUNDLE / "lib/regcred/runtime").iterdir():
            if path.name not in OWN:
                with self.subTest(path=path.name):
                    origin = runtime.find(path.name, directories)
                    self.assertEqual(self.inside(path), {source_of(origin)})

    def test_R1_what_was_linked_copied_or_compiled_is_listed_and_nothing_else(self):
        inside = set().union(*(self.inside(path) for path in elf_files()))  # the two tests above
        listed = {f'{key.removeprefix("SPDXRef-")} {package["versionInfo"]}' for key, package in self.packages.items()}
        own = {name for name in listed if name.startswith("regcred ")}
        self.assertEqual(len(own), 1)
        self.assertEqual(listed - own, inside | sources_of_headers())

    def test_R1_each_library_has_version_licence_and_text(self):
        folder = BUNDLE / "share/doc/regcred"
        for key, package in self.packages.items():
            for field in ("name", "versionInfo", "licenseDeclared"):
                self.assertTrue(package[field])
            if key != "SPDXRef-regcred":
                self.assertGreater((folder / "licences" / key.removeprefix("SPDXRef-")).stat().st_size, 100)
        for name in ("LICENSE", "SOURCES", "licences/LGPL-2.1", "licences/GPL-3"):
            self.assertGreater((folder / name).stat().st_size, 500)


class Node(unittest.TestCase):
    def test_L4_the_nodes_openssl_configuration_has_no_say(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Root(folder)
            root.cloudsmith()
            for place in ("usr/lib/ssl/openssl.cnf", "etc/ssl/openssl.cnf"):
                root.write(place, BROKEN_OPENSSL)
            done = root.run(stdin=bundle_test.WORLD.request())
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_errors_of_openssl_are_said_in_words(self):
        with socket.create_server(("127.0.0.1", 0)) as server, concurrent.futures.ThreadPoolExecutor() as threads:
            def answer_without_tls():
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            answered = threads.submit(answer_without_tls)
            env = {**bundle_test.WORLD.drop_in_env, "CLOUDSMITH_API_HOST": f"localhost:{server.getsockname()[1]}"}
            done = subprocess.run(bundle_test.WORLD.drop_in(), input=bundle_test.WORLD.request(), env=env, capture_output=True,
                                  text=True, timeout=60)
            answered.result()
        self.assertRegex(done.stderr, "does not speak TLS.*SSL routines::wrong version number")

    def test_suites_of_the_program(self):
        for script in ("e2e/operators_test.py", "e2e/doctor_registry_test.py", "demo/demo.py"):
            with self.subTest(script=script):
                done = subprocess.run([sys.executable, "-B", SOURCE / "tests" / script, BUNDLE, EMULATOR], text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
                self.assertEqual(done.returncode, 0, done.stdout[-4000:])


class Emulated(unittest.TestCase):
    """On another processor: no chroot and no launcher's second step, since qemu starts one program only."""

    def run_program(self, *arguments, stdin=""):
        place = BUNDLE / "lib/regcred/runtime"
        loader = place / runtime.loader_name(place / "regcred")
        qemu = f"qemu-{toolchain.ARCHITECTURES[ARCHITECTURE].processor}-static"
        return subprocess.run([qemu, loader, "--inhibit-cache", "--library-path", place, "--argv0", "regcred",
                               place / "regcred", *arguments], input=stdin, capture_output=True, text=True, timeout=120,
                              env={"PATH": "/usr/bin:/bin"})

    def test_the_launcher_starts_the_program_with_the_loader_of_its_bundle(self):
        qemu = f"qemu-{toolchain.ARCHITECTURES[ARCHITECTURE].processor}-static"
        place = BUNDLE / "lib/regcred/runtime"
        done = subprocess.run([qemu, "-strace", BUNDLE / "bin/regcred", "version"], capture_output=True, text=True, timeout=60)
        loader = place / runtime.loader_name(place / "regcred")
        self.assertRegex(done.stderr, rf'execve\("{loader}",\{{"{loader}","--inhibit-cache","--library-path","{place}",'
                                      rf'"--preload","{place}/libm.so.6:{place}/libc.so.6","--argv0","[^"]+","{place}/regcred","version",NULL\}}\)')

    def test_version_check_and_one_exchange(self):
        self.assertRegex(self.run_program("version").stdout, r"^regcred \d")
        config = bundle_test.WORLD.two_registries()
        checked = self.run_program("check", "--config", config)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stdout)
        done = self.run_program("--config", config, stdin=bundle_test.WORLD.request())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(json.loads(done.stdout)["auth"]["docker.cloudsmith.io"]["password"])


class Outcome(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def suite():
    cases = [Archive, Elf, Contents]
    cases += [bundle_test.Bundle, Node] if ARCHITECTURE == toolchain.native() else [Emulated]
    return unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)


def try_out(architecture, folder):
    """The outcome for one architecture, unpacked under `folder`."""
    global ARCHITECTURE, WORK, BUNDLE, ARCHIVE
    ARCHITECTURE, WORK = architecture, PACKAGES / "work" / architecture
    ARCHIVE, = PACKAGES.glob(f"regcred-*-linux-{architecture}.tar.gz")
    folder.chmod(0o755)
    subprocess.run(["tar", "-C", folder, "-xzf", ARCHIVE], check=True)
    BUNDLE, = folder.iterdir()
    (folder / "world").mkdir()
    bundle_test.BUNDLE = BUNDLE
    with bundle_test.World(folder / "world", BUNDLE, EMULATOR) as bundle_test.WORLD:
        return unittest.TextTestRunner(resultclass=Outcome, verbosity=1).run(suite())


def main(packages, emulator, *architectures):
    global PACKAGES, EMULATOR
    PACKAGES, EMULATOR = pathlib.Path(packages).resolve(), emulator
    passed = failed = 0
    for architecture in architectures:
        with tempfile.TemporaryDirectory(prefix="regcred-package-") as folder:
            outcome = try_out(architecture, pathlib.Path(folder))
        passed += outcome.passed
        failed += outcome.testsRun - outcome.passed
    print(f"{passed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
