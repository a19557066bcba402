#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every piece of code in the author's guide is part of a file that other tests build and run; the comment above it names
the file. acme.cpp and acme_test.cpp are what `regcred new-backend acme` writes.

usage: guide_test.py STAGE WORK_DIRECTORY REGCRED_SOURCE
"""
import pathlib
import re
import sys

import world

BLOCK = re.compile(r"^(?:<!-- from (\S+) -->\n)?```(\w*)\n(.*?)^```$", re.M | re.S)


def findings(page, text, files):
    for source, language, code in BLOCK.findall(text):
        if not source:
            yield f"{page}: code of unknown origin:\n{code}"
        elif source not in files:
            yield f"{page}: there is no {source}"
        elif code not in files[source]:
            yield f"{page}: this is not in {source}:\n{code}"


if __name__ == "__main__":
    stage, work, source = pathlib.Path(sys.argv[1]), world.fresh(sys.argv[2]), pathlib.Path(sys.argv[3])
    world.run(stage / "bin/regcred", "new-backend", "acme", work / "acme")
    files = {path.name: path.read_text() for path in (work / "acme").glob("*.cpp")}
    for path in (source / "tests/contract").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            files[str(path.relative_to(source))] = path.read_text()

    guide = source / "core/sdk/guide"
    pages = [guide.parent / "README.md", *sorted(guide.glob("*.md"))]
    listed = (guide.parent / "README.md").read_text()
    found = [f"{page.name} is not in core/sdk/README.md" for page in pages[1:] if f"(guide/{page.name})" not in listed]
    code = 0
    for page in pages:
        found += findings(page, page.read_text(), files)
        code += len(BLOCK.findall(page.read_text()))
        installed = stage / "share/doc/regcred/guide" / page.name
        if page.parent == guide and (not installed.exists() or installed.read_bytes() != page.read_bytes()):
            found.append(f"{page.name} is not installed")
    assert code > 10, "the guide shows hardly any code: does this test still find it?"
    sys.exit("\n".join(found) or 0)
