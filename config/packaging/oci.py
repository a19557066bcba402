# SPDX-License-Identifier: Apache-2.0
"""The bundles as an OCI image archive: one image index, an image for each architecture, in it the bundle and no more."""
import shutil
import subprocess

import archive

CONTAINERFILE = """\
FROM scratch
COPY . /opt/regcred
ENTRYPOINT ["/opt/regcred/bin/regcred"]
LABEL org.opencontainers.image.title="regcred" org.opencontainers.image.version="{version}" \\
      org.opencontainers.image.licenses="Apache-2.0"
"""


def make_image(trees, folder, version, seconds):
    """TREES: architecture to unpacked bundle. Gives the archive's path; the same trees and time give the same bytes."""
    work = folder / "work/oci"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "Containerfile").write_text(CONTAINERFILE.format(version=version))
    name = f"regcred:{version}"

    def buildah(*arguments):
        places = ("--root", work / "storage", "--runroot", work / "run", "--storage-driver", "vfs")
        done = subprocess.run([str(word) for word in ("buildah", *places, *arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"package: buildah {arguments[0]}: {done.stderr.strip()}")

    buildah("manifest", "create", name)
    for architecture, tree in sorted(trees.items()):
        buildah("build", "--isolation", "chroot", "--timestamp", seconds, "--platform", f"linux/{architecture}",
                "--manifest", name, "-f", work / "Containerfile", tree)
    buildah("manifest", "push", "--all", name, f"oci:{work}/layout:{version}")
    image = folder / f"regcred-{version}-image.tar"
    archive.make_tar(work / "layout", image, seconds)
    shutil.rmtree(work / "storage", ignore_errors=True)
    return image
