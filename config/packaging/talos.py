# SPDX-License-Identifier: Apache-2.0
"""The bundle in the form of a Talos system extension: what an extension's image holds.

Talos fills the kubelet's bin directory from extensions only, and its kubelet sees nothing of the host's libraries, so all
of the bundle lies below that directory (siderolabs/extensions, README and container-runtime/ecr-credential-provider).
"""
import shutil

import archive

PROVIDERS = "rootfs/usr/local/lib/kubelet/credentialproviders"

MANIFEST = """\
version: v1alpha1
metadata:
  name: regcred
  version: "{version}"
  author: regcred
  description: |
    Kubelet image credential provider for every registry.
  compatibility:
    talos:
      version: ">= v1.11.0"
"""


def make_extension(tree, folder, version, architecture, seconds):
    """Gives the path of the archive in `folder`; the same tree and time give the same bytes."""
    work = folder / "work" / architecture / "talos"
    shutil.rmtree(work, ignore_errors=True)
    extension = work / f"regcred-{version}-talos"
    providers = extension / PROVIDERS
    spdx = extension / "rootfs/usr/local/share/spdx/regcred.spdx.json"
    spdx.parent.mkdir(parents=True)
    shutil.copytree(tree, providers / "regcred.bundle", symlinks=True)
    (providers / "regcred").symlink_to("regcred.bundle/bin/regcred")
    shutil.copy(tree / "share/doc/regcred/regcred.spdx.json", spdx)
    (extension / "manifest.yaml").write_text(MANIFEST.format(version=version))
    made = folder / f"regcred-{version}-talos-{architecture}.tar.gz"
    archive.make_archive(extension, made, seconds)
    return made
