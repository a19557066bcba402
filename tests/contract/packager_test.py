#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plain `cmake -S . -B`, as packagers call it, with a compiler that knows no -fcf-protection (as for arm64): it gets
neither that flag nor -Werror, and the presets for developers have warnings as errors.

usage: packager_test.py WORK SOURCE_DIRECTORY
"""
import json
import os
import pathlib
import subprocess
import sys

from world import fresh, run

COMPILER = """\
#!/bin/sh
for argument; do
  case "$argument" in -fcf-protection*) echo "error: unrecognized command-line option '$argument'" >&2; exit 1 ;; esac
done
exec {real} "$@"
"""


def without_cf_protection(path, real):
    path.write_text(COMPILER.format(real=real))
    path.chmod(0o755)
    return path


def main(work, source):
    work = fresh(work)
    compilers = [f"-DCMAKE_{language}_COMPILER={without_cf_protection(work / variable.lower(), os.environ[variable])}"
                 for language, variable in (("C", "CC"), ("CXX", "CXX"))]
    run("cmake", "-G", "Ninja", "-S", source, "-B", work / "build", "-DREGCRED_TESTS=OFF", *compilers)
    commands = json.loads((work / "build/compile_commands.json").read_text())
    assert any("-fstack-protector-strong" in command["command"] for command in commands)
    for command in commands:
        for flag in ("-Werror", "-fcf-protection"):
            assert flag not in command["command"].split(), f"{command['file']} is compiled with {flag}"
    presets = {preset["name"]: preset for preset in json.loads((source / "CMakePresets.json").read_text())["configurePresets"]}
    for name in ("dev", "asan", "tsan", "tidy"):
        assert presets[name]["inherits"] == "strict", f"preset {name} lets warnings pass"
    assert presets["strict"]["cacheVariables"]["CMAKE_COMPILE_WARNING_AS_ERROR"] == "ON"
    subprocess.run(["cmake", "--build", work / "build", "--target", "regcred_common"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
