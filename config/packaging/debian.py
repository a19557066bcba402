# SPDX-License-Identifier: Apache-2.0
"""The Debian packages of one architecture. They are linked to the distribution's libraries: for another architecture than
this machine's, to those of a root directory, whose packages say what is to be depended on."""
import subprocess

from apt import Apt, output, run
from toolchain import Toolchain, native

LIBRARIES = ("libssl3", "libcurl4", "libcurl4-openssl-dev")


def dependencies(packages):
    """deb-shlibs(5) of these packages in one text. Each wants at least the version that is linked with: symbols files,
    which know better, are read for installed packages only."""
    lines = []
    for package in sorted(packages.glob("*.deb")):
        asked = subprocess.run(["dpkg-deb", "--info", package, "shlibs"], capture_output=True, text=True)
        upstream = output("dpkg-deb", "--field", package, "Version").strip().rpartition("-")[0]
        lines += [line if "(" in line else f"{line} (>= {upstream})" for line in asked.stdout.splitlines() if line]
    return "\n".join(lines) + "\n"


def make_packages(source, folder, architecture):
    work = folder / "work" / f"deb-{architecture}"
    work.mkdir(parents=True, exist_ok=True)
    log = work / "deb.log"
    log.unlink(missing_ok=True)
    cross = []
    if architecture != native():
        toolchain = Toolchain(work, architecture, Apt(work, architecture), LIBRARIES)
        (work / "shlibs.local").write_text(dependencies(toolchain.packages))
        cross = [architecture, work]
    run(log, source / "config/packaging/deb/build", folder, *cross)
