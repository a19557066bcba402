#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The other forms of the bundle: .rpm, OCI image and Talos extension hold what the bundle holds, and it runs there.

usage: forms_test.py FOLDER

FOLDER is that of ./dev package. Needs root, debootstrap, rpm and skopeo.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from machine import PLUGINS, Machine, run_cases

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "config/packaging"))
import archive  # noqa: E402

NATIVE = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def contents(folder):
    """Each file below FOLDER with its SHA-256, each link with its target."""
    return {path.relative_to(folder).as_posix(): str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


class Forms:
    def __init__(self, folder, work):
        self.folder, self.work = folder, work
        (self.bundle,) = folder.glob(f"regcred-*-linux-{NATIVE}.tar.gz")
        self.version = self.bundle.name.split("-")[1]
        self.tree = self.unpacked(self.bundle, "bundle") / f"regcred-{self.version}"

    def unpacked(self, path, name):
        place = self.work / name
        with tarfile.open(path) as tar:
            tar.extractall(place)
        return place

    def version_of(self, program, root="/"):
        script = 'mkdir -p "$1/proc" && mount --rbind /proc "$1/proc" && exec chroot "$1" "$2" version'
        words = [program, "version"] if root == "/" else ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "_", root, program]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def an_image_holds_the_bundle_and_nothing_else(forms):
    image = forms.folder / f"regcred-{forms.version}-image.tar"
    index = json.loads(subprocess.run(["skopeo", "inspect", "--raw", f"oci-archive:{image}"], capture_output=True, check=True).stdout)
    bundles = {path.name.split("-linux-")[1].removesuffix(".tar.gz") for path in forms.folder.glob("regcred-*-linux-*.tar.gz")}
    assert {item["platform"]["architecture"] for item in index["manifests"]} == bundles, index
    blobs = forms.unpacked(image, "image") / "blobs/sha256"
    (manifest,) = [item for item in index["manifests"] if item["platform"]["architecture"] == NATIVE]
    manifest = json.loads((blobs / manifest["digest"].split(":")[1]).read_text())
    config = json.loads((blobs / manifest["config"]["digest"].split(":")[1]).read_text())
    assert config["config"]["Entrypoint"] == ["/opt/regcred/bin/regcred"], config
    root = forms.work / "image-root"
    for layer in manifest["layers"]:
        with tarfile.open(blobs / layer["digest"].split(":")[1]) as tar:
            tar.extractall(root)
    assert contents(root) == {f"opt/regcred/{name}": what for name, what in contents(forms.tree).items()}
    assert forms.version in forms.version_of("/opt/regcred/bin/regcred", str(root))


def an_extension_has_all_of_it_below_the_kubelets_directory(forms):
    place = forms.unpacked(forms.folder / f"regcred-{forms.version}-talos-{NATIVE}.tar.gz", "talos") / f"regcred-{forms.version}-talos"
    providers = place / "rootfs/usr/local/lib/kubelet/credentialproviders"
    held = contents(providers)
    assert held.pop("regcred") == "regcred.bundle/bin/regcred"
    assert held == {f"regcred.bundle/{name}": what for name, what in contents(forms.tree).items()}
    assert f'version: "{forms.version}"' in (place / "manifest.yaml").read_text()
    assert json.loads((place / "rootfs/usr/local/share/spdx/regcred.spdx.json").read_text())["spdxVersion"].startswith("SPDX-2")
    assert forms.version in forms.version_of(str(providers / "regcred"))


def an_rpm_is_installed_kept_while_needed_and_removed(forms):
    (package,) = [path for path in forms.folder.glob("regcred-*.rpm") if {"amd64": "x86_64", "arm64": "aarch64"}[NATIVE] in path.name]
    machine = Machine(forms.work / "root", "bookworm")
    machine.must("apt-get update -qq && apt-get install -y -qq --no-install-recommends rpm")
    before = machine.files()
    (machine.root / "regcred.rpm").write_bytes(package.read_bytes())
    machine.must("rpm -i --nodeps /regcred.rpm")  # its one dependency is /bin/sh, which Debian's rpm does not know
    assert contents(machine.root / "opt/regcred") == contents(forms.tree)
    assert forms.version in machine.must("regcred version")
    assert "/run/regcred/cache 0700" in machine.must("cat /usr/lib/tmpfiles.d/regcred.conf")
    machine.must("install -d -m 0700 /run/regcred/cache")
    machine.must(f"install -d {PLUGINS} && ln -s /usr/bin/regcred {PLUGINS}/regcred")
    flags = machine.root / "etc/default/kubelet"
    flags.write_text(f"KUBELET_EXTRA_ARGS='--image-credential-provider-bin-dir={PLUGINS}'\n")
    refused = machine.run("rpm -e --nodeps regcred")
    assert refused.returncode != 0 and f"{PLUGINS}/regcred" in refused.stderr, refused
    machine.must(f"regcred version && rm {PLUGINS}/regcred /etc/default/kubelet && rpm -e --nodeps regcred && rm /regcred.rpm")
    left = {name for name in machine.files() - before if "regcred" in name}  # also of its node cache
    assert not left, left


def sums_are_signed_by_a_key_from_outside(forms):
    home = forms.work / "gnupg"
    home.mkdir(mode=0o700)
    os.environ["GNUPGHOME"] = str(home)
    signed = forms.work / "signed"
    signed.mkdir()
    shutil.copy(forms.folder / "SHA256SUMS", signed)
    key = "release@regcred.example"
    subprocess.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", key, "ed25519", "sign"], check=True)
    archive.sign_sums(signed, key)
    subprocess.run(["gpg", "--batch", "--verify", signed / "SHA256SUMS.asc", signed / "SHA256SUMS"], check=True, capture_output=True)
    subprocess.run(["gpgconf", "--kill", "all"], check=False)


CASES = [an_image_holds_the_bundle_and_nothing_else, an_extension_has_all_of_it_below_the_kubelets_directory,
         an_rpm_is_installed_kept_while_needed_and_removed, sums_are_signed_by_a_key_from_outside]


def main():
    with tempfile.TemporaryDirectory() as work:
        return run_cases(CASES, Forms(pathlib.Path(sys.argv[1]), pathlib.Path(work)))


if __name__ == "__main__":
    sys.exit(main())
