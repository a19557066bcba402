#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds what is shipped: the bundle of each architecture (regcred and everything it is linked to, for every Linux) as
archive, .rpm, Talos extension and OCI image, and the Debian packages of each.

usage: package.py SOURCE OUTPUT [--bundle] [ARCHITECTURE...]

--bundle makes the archives of the bundle alone.
SOURCE_DATE_EPOCH is the time of everything in it; by default that of the last commit. REGCRED_SIGNING_KEY is a key of gpg
that signs SHA256SUMS.
"""
import json
import os
import pathlib
import re
import shutil
import sys

import archive
import debian
import libcurl
import oci
import publisher
import rpm
import runtime
import sbom
import talos
from apt import Apt, output, run
from toolchain import ARCHITECTURES, Toolchain, native


def version_of(source):
    return re.search(r"^project\(regcred VERSION (\S+)", (source / "CMakeLists.txt").read_text(), re.MULTILINE)[1]


def time_of(source):
    return int(os.environ.get("SOURCE_DATE_EPOCH") or output("git", "-C", source, "log", "-1", "--format=%ct"))


def compile_tree(source, work, tree, curl, toolchain):
    """The program as it ships, linked for a bundle; gives the build directory."""
    build = work / "regcred"
    log = work / "regcred.log"
    log.unlink(missing_ok=True)
    run(log, "cmake", "--preset", "release", "-B", build, *toolchain.options, f"-DCMAKE_PREFIX_PATH={curl}",
        "-DREGCRED_BUNDLE=ON", "-DREGCRED_TOGETHER=ON",
        f"-DCMAKE_PROJECT_regcred_INCLUDE={source}/config/packaging/bundle.cmake", cwd=source)
    run(log, "cmake", "--build", build, "--target", "all", "regcred_launcher")
    shutil.rmtree(tree, ignore_errors=True)
    run(log, "cmake", "--install", build, "--strip", "--prefix", tree)
    return build


def look_inside(contents, build, tree, origin):
    """What each file of the bundle holds: by its link map, or as the copy of a library."""
    for path in sorted(build.glob("tree/**/*.map")):
        staged = path.relative_to(build / "tree").with_suffix("")
        name = staged.as_posix()
        contents.add_linked(tree / ("lib/regcred/runtime/" + staged.name if name.startswith("bin/") else name), path)
    for path, library in origin.items():
        contents.add_copied(path, library)
    contents.add_headers(build)


def make(source, folder, architecture):
    work = folder / "work" / architecture
    work.mkdir(parents=True, exist_ok=True)
    name = f"regcred-{version_of(source)}"
    tree = work / name
    apt = Apt(work, architecture)
    toolchain = Toolchain(work, architecture, apt)
    curl, curl_version = libcurl.build(work, apt, toolchain.options)
    build = compile_tree(source, work, tree, curl, toolchain)
    origin = runtime.make_bundle(tree, build / "config/packaging/launcher/launcher", toolchain.libraries)
    contents = sbom.Contents(curl, curl_version, toolchain, source, build)
    look_inside(contents, build, tree, origin)
    documents = tree / "share/doc/regcred"
    sbom.write_licences(contents, documents, source / "LICENSE", version_of(source))
    text = json.dumps(sbom.document(contents, tree, version_of(source), architecture, time_of(source)), indent=1) + "\n"
    (documents / "regcred.spdx.json").write_text(text)
    bundle = folder / f"{name}-linux-{architecture}.tar.gz"
    archive.make_archive(tree, bundle, time_of(source))
    (folder / f"{name}-linux-{architecture}.spdx.json").write_text(text)
    return tree


def make_other_forms(source, folder, trees):
    version, seconds = version_of(source), time_of(source)
    for architecture, tree in trees.items():
        rpm.make_rpm(tree, folder, version, architecture, seconds)
        talos.make_extension(tree, folder, version, architecture, seconds)
    oci.make_image(trees, folder, version, seconds)
    for architecture in trees:
        debian.make_packages(source, folder, architecture)


def clear(folder):
    """Takes away what an earlier run made, also of another version: whoever looks for a tree finds one."""
    for old in [*folder.glob("regcred[-_]*"), *folder.glob("SHA256SUMS*")]:
        old.unlink()
    for old in folder.glob("work/*/regcred-[0-9]*"):
        shutil.rmtree(old)


def main(source, folder, *architectures):
    source, folder = pathlib.Path(source).resolve(), pathlib.Path(folder).resolve()
    in_every_form = "--bundle" not in architectures
    architectures = [word for word in architectures if word != "--bundle"] or [native()]
    for architecture in architectures:
        if architecture not in ARCHITECTURES:
            sys.exit(f"package: {architecture}: a bundle can be made for {', '.join(ARCHITECTURES)}")
    folder.mkdir(parents=True, exist_ok=True)
    clear(folder)
    trees = {architecture: make(source, folder, architecture) for architecture in architectures}
    if in_every_form:
        make_other_forms(source, folder, trees)
    archive.write_sums(folder)
    for made in sorted(folder.glob("regcred[-_]*")):
        print(f"{made} {made.stat().st_size >> 10} KiB")
    key = os.environ.get("REGCRED_SIGNING_KEY")
    if key:
        print(archive.sign_sums(folder, key))
    else:
        print("SHA256SUMS is not signed: REGCRED_SIGNING_KEY names no key of gpg")
    if publisher.is_placeholder():
        print("the packages name nobody who publishes them: write it into config/packaging/publisher.py")


if __name__ == "__main__":
    main(*sys.argv[1:])
