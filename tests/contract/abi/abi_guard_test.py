#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guard itself: it must see every kind of change, and it must not pass for want of debug information.

usage: abi_guard_test.py INCLUDE_DIRECTORY
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import abi_guard

INCLUDE = pathlib.Path(sys.argv.pop())

# What is done to abi.h: the text that goes, the text that comes.
CHANGES = {
    "member appended": ("} regcred_backend_v1;", "  void *added;\n} regcred_backend_v1;"),
    "member inserted": ("  int32_t status; ", "  int64_t inserted;\n  int32_t status; "),
    "member removed": ("  uint64_t annotations_count;\n", ""),
    "member renamed": ("  int64_t retry_after_seconds; ", "  int64_t retry_after; "),
    "member of another type and the same size": ("  int32_t attempts; ", "  uint32_t attempts; "),
    "member wider": ("  uint16_t abi_minor;\n  regcred_slice image; ", "  uint32_t abi_minor;\n  regcred_slice image; "),
    "members swapped": ("  const regcred_pair *headers;\n  uint64_t headers_count;\n  regcred_slice body;  /* may",
                        "  uint64_t headers_count;\n  const regcred_pair *headers;\n  regcred_slice body;  /* may"),
    "frozen struct grown": ("  regcred_slice value;\n} regcred_pair;",
                            "  regcred_slice value;\n  regcred_slice more;\n} regcred_pair;"),
    "parameter added": ("int32_t (*set_cache)(void *context, int32_t scope,",
                        "int32_t (*set_cache)(void *context, int32_t more, int32_t scope,"),
    "parameter of another type": ("int32_t (*enabled)(void *context, int32_t level)",
                                  "int32_t (*enabled)(void *context, uint32_t level)"),
    "other result": ("  void (*destroy)(void *instance);", "  int32_t (*destroy)(void *instance);"),
    "const lost": ("  const regcred_pair *annotations; ", "  regcred_pair *annotations; "),
    "struct that nothing reaches": ("#define REGCRED_SCOPE_IMAGE 0",
                                    "typedef struct regcred_stray {\n  int32_t stray;\n} regcred_stray;\n"
                                    "#define REGCRED_SCOPE_IMAGE 0"),
}

# What abidiff cannot see, since macros leave no debug information, or does not: layout.c must see it.
CHANGES_OF_LAYOUT = {
    "constant": ("#define REGCRED_DENIED 4 ", "#define REGCRED_DENIED 14 "),
    "service id": ('"regcred.log/1"', '"regcred.log/2"'),
    "const of a void pointer lost": ("const void *(*get_service)(", "void *(*get_service)("),
    "member inserted": CHANGES["member inserted"],
    "frozen struct grown": CHANGES["frozen struct grown"],
}


class Guard(unittest.TestCase):
    def changed(self, old, new):
        """A copy of the headers in which abi.h is changed at one place."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        include = pathlib.Path(folder.name) / "include"
        shutil.copytree(INCLUDE, include)
        text = abi_guard.header(include)
        self.assertEqual(text.count(old), 1, f"abi.h must hold this once: {old}")
        (include / "regcred/abi.h").write_text(text.replace(old, new))
        return include

    def test_abi_h_is_what_its_reference_says(self):
        self.assertEqual(abi_guard.check(INCLUDE), [])

    def test_every_change_is_seen(self):
        for name, (old, new) in CHANGES.items():
            with self.subTest(name):
                self.assertNotEqual(abi_guard.check(self.changed(old, new)), [])

    def compiles(self, include):
        command = ["c++", "-std=c++20", "-x", "c++", "-fsyntax-only", "-I", include, abi_guard.HERE / "layout.c"]
        return subprocess.run(command, capture_output=True).returncode == 0

    def test_layout_sees_constants_and_signatures(self):
        self.assertTrue(self.compiles(INCLUDE))
        for name, (old, new) in CHANGES_OF_LAYOUT.items():
            with self.subTest(name):
                self.assertFalse(self.compiles(self.changed(old, new)))

    def test_words_may_change(self):
        self.assertEqual(abi_guard.check(self.changed("START HERE to understand", "Begin here to understand")), [])

    def test_a_new_minor_needs_a_reference(self):
        minor = "#define REGCRED_ABI_MINOR "
        now = minor + abi_guard.version(INCLUDE).split(".")[1] + "\n"
        self.assertIn("there is no abi-1.9999.xml", abi_guard.check(self.changed(now, minor + "9999\n"))[0])

    def test_a_reference_is_never_replaced(self):
        before = abi_guard.reference(INCLUDE).read_bytes()
        self.assertIn("raise REGCRED_ABI_MINOR", abi_guard.write(INCLUDE)[0])
        self.assertEqual(abi_guard.reference(INCLUDE).read_bytes(), before)

    def test_missing_debug_information_is_no_pass(self):
        self.assertIn("without debug information", abi_guard.check(INCLUDE, flags=("-g0",))[0])


if __name__ == "__main__":
    unittest.main()
