#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `./dev package` does besides compiling: what it takes away first, who publishes, whose code the .deb names.

usage: parts_test.py [unittest's arguments]
"""
import pathlib
import re
import sys
import tempfile
import unittest

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "config/packaging"
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parents[1] / "tests/bench")]
import order  # noqa: E402
import package  # noqa: E402
import publisher  # noqa: E402
import sbom  # noqa: E402

# What the .deb takes from the packages that it depends on, and what is headers of these or of the kernel.
SHARED = {"cross-toolchain-base", "curl", "gcc", "glibc", "linux", "openssl"}


class Parts(unittest.TestCase):
    def test_what_an_earlier_run_made_is_gone(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for tree in ("work/amd64/regcred-0.0.9/bin", "work/amd64/regcred", "work/arm64/regcred-0.0.9"):
                (folder / tree).mkdir(parents=True)
            for made in ("regcred-0.0.9-linux-amd64.tar.gz", "regcred_0.0.9_amd64.deb", "SHA256SUMS", "SHA256SUMS.asc", "notes"):
                (folder / made).touch()
            package.clear(folder)
            self.assertEqual({path.name for path in folder.iterdir()}, {"notes", "work"})
            self.assertEqual([path.name for path in folder.glob("work/*/*")], ["regcred"])  # the build directory

    def test_the_publisher_is_written_down_once(self):
        for path in [path for path in PACKAGING.rglob("*") if path.is_file() and path.suffix != ".pyc"]:
            if path.name != "publisher.py":
                self.assertNotRegex(path.read_text(), r"regcred\.example|github\.com/regcred", path.name)
        for name in ("deb/control", "deb/copyright", "rpm.py", "sbom.py"):
            self.assertNotIn("@MAINTAINER@", publisher.filled_in((PACKAGING / name).read_text()))

    def test_a_field_without_a_value_goes_and_a_placeholder_is_told(self):
        maintainer, homepage = publisher.MAINTAINER, publisher.HOMEPAGE
        try:
            for publisher.MAINTAINER, publisher.HOMEPAGE, text, placeholder in (
                    ("A <a@b.example>", "", "M: A <a@b.example>\nX: y\n", True),
                    ("A <a@b.org>", "https://b.org/a", "M: A <a@b.org>\nH: https://b.org/a\nX: y\n", False)):
                self.assertEqual(publisher.filled_in("M: @MAINTAINER@\nH: @HOMEPAGE@\nX: y\n"), text)
                self.assertEqual(publisher.is_placeholder(), placeholder)
        finally:
            publisher.MAINTAINER, publisher.HOMEPAGE = maintainer, homepage

    def test_the_deb_names_whose_code_it_holds(self):
        text = (PACKAGING / "deb/copyright").read_text()
        self.assertEqual(set(re.findall(r"^Comment: ([\w.-]+), (?:headers|linked statically)", text, re.MULTILINE)), sbom.KNOWN.keys() - SHARED)
        used = {word for names in re.findall(r"^License: (.+)\n(?! )", text, re.MULTILINE) for word in names.split(" and ")}
        self.assertEqual(used, set(re.findall(r"^License: (.+)\n ", text, re.MULTILINE)))  # each has its text

    def test_the_code_that_ran_is_found_in_the_link_map(self):
        ran = order.executed(["ob=(1) /a", "fn=(1) main", "0x1000 5 1", "+4 1 1", "cob=(2) /b", "calls=1 0x50", "* 0 7", "ob=(2)", "0x50 1 1", "-4 0 1"])
        self.assertEqual(ran, {"/a": {0x1000, 0x1004}, "/b": {0x50, 0x4c}})
        pieces = order.sections("""
 .text._Zgone   0x0000000000000000       0x10 /x/libregcred.a(a.o)

Linker script and memory map

 .text._Zf      0x0000000000001010       0x10 /x/libregcred.a(a.o)
 .text._Zlong_name
                0x0000000000001000        0x8 /x/libregcred.a(a.o)
 .text          0x0000000000002000       0x10 /x/libcrypto.a(libcrypto-lib-sha512-x86_64.o)
 .rodata        0x0000000000003000       0x10 /x/libregcred.a(a.o)
""")
        self.assertEqual(list(order.pieces_of({0x2004, 0x1004, 0x100c, 0x2010}, pieces)),
                         ["*(.text._Zlong_name)", "*libcrypto.a:libcrypto-lib-sha512-*.o(.text)"])


if __name__ == "__main__":
    unittest.main()
