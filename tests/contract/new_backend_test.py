#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `regcred new-backend` writes builds and passes its tests untouched, by the commands of its own CI file, and its
backend answers a request once it is installed as its README says.

usage: new_backend_test.py STAGE WORK_DIRECTORY
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import world


def ci_commands(project, step):
    """The lines under `run: |` of a step of the project's CI file."""
    text = (project / ".github/workflows/ci.yml").read_text()
    block = re.search(rf"^( *)- name: {step}\n +run: \|\n((?:\1 {{4}}.*\n)+)", text, re.M)
    assert block, f"ci.yml has no step {step}"
    return block[2]


def check_names(project, name):
    for path in project.rglob("*"):
        words = str(path.relative_to(project)) + (path.read_text() if path.is_file() else "")
        left = re.findall(r"acme-registry|acme_registry|AcmeRegistry|\bTODO\b", words)
        assert not left, f"{path}: {left[0]} is left over from the template"
    assert (project / f"{name}.cpp").is_file() and (project / f"{name}_test.cpp").is_file()


def check_answers(tree, folder):
    listed = world.run(tree / "bin/regcred", "backends")
    assert re.search(r"^acme-cloud +version 0.1.0, ABI 1\.", listed, re.M), listed
    with world.TokenService(folder) as service:
        regcred = world.Regcred(tree, folder, tree / "lib/regcred/backends", "acme-cloud",
                                settings={"apiHost": service.host}, ca_file=service.ca_file)
        assert regcred.credential() == ("token", world.PASSWORD, "3240s")
        assert service.calls[0][2] == f'{{"token":"{world.TOKEN}"}}', "other body"
        service.status = 403
        status, _, error = regcred.ask()
        assert status == 6 and error.startswith('regcred: registry "team" (backend acme-cloud): '), error


def check_keyword(stage, folder):
    """A name that is a word of C++ must not become one of its own."""
    world.run(stage / "bin/regcred", "new-backend", "class", folder / "class")
    flags = subprocess.check_output(["pkg-config", "--cflags", "regcred"], text=True,
                                    env={**os.environ, "PKG_CONFIG_PATH": str(stage / "share/pkgconfig")}).split()
    world.run(os.environ.get("CXX", "c++"), "-std=c++20", "-fsyntax-only", '-DREGCRED_BACKEND_VERSION="1"',
              *flags, folder / "class/class.cpp")


if __name__ == "__main__":
    os.umask(0o022)
    stage, work = pathlib.Path(sys.argv[1]), world.fresh(sys.argv[2])
    project = work / "project"
    world.run(stage / "bin/regcred", "new-backend", "acme-cloud", project)
    check_names(project, "acme-cloud")
    world.run("bash", "-euo", "pipefail", "-c", ci_commands(project, "Build and test"), cwd=project,
              env={"CMAKE_PREFIX_PATH": str(stage)})
    assert world.exported_symbols(project / "build/acme-cloud.so") == ["regcred_backend_entry_v1"]

    world.conforms(stage, project / "build/acme-cloud.so", project)

    tree = work / "tree"
    shutil.copytree(stage, tree)
    world.run("cmake", "--install", project / "build", "--prefix", tree)
    check_answers(tree, work)
    check_keyword(stage, work)
