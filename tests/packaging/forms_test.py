#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The other forms of the bundle: .rpm, OCI image and Talos extension hold what the bundle holds, and it runs there. The
.deb of every architecture has the same files.

The forms of every architecture are looked into; those of this machine's run.

usage: forms_test.py FOLDER ROOTS

FOLDER is that of ./dev package; ROOTS as for deb_test.py. Needs root, debootstrap, rpm and skopeo, and qemu for another
architecture's .deb.
"""
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

from kubelet_files import KUBELET_FILES, PLUGINS
from machine import NATIVE, Machine, configure, readme_commands, run_cases

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "config/packaging"))
import archive  # noqa: E402
import publisher  # noqa: E402
import rpm  # noqa: E402
import toolchain  # noqa: E402


def contents(folder):
    """Each file below FOLDER with its SHA-256, each link with its target."""
    return {path.relative_to(folder).as_posix(): str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


class Forms:
    def __init__(self, folder, work, roots):
        self.folder, self.work, self.roots = folder, work, roots
        bundles = {path.name.split("-linux-")[1].removesuffix(".tar.gz"): path for path in folder.glob("regcred-*-linux-*.tar.gz")}
        self.version = bundles[NATIVE].name.split("-")[1]
        self.trees = {name: self.unpacked(path, f"bundle-{name}") / f"regcred-{self.version}" for name, path in bundles.items()}

    def rpm(self, architecture):
        return self.folder / f"regcred-{self.version}-1.{rpm.MACHINES[architecture]}.rpm"

    def deb(self, name, architecture):
        return self.folder / f"{name}_{self.version}_{architecture}.deb"

    def deb_tree(self, name, architecture):
        """What that .deb installs."""
        place = self.work / f"{name}-{architecture}"
        if not place.exists():
            subprocess.run(["dpkg-deb", "--extract", self.deb(name, architecture), place], check=True)
        return place

    def unpacked(self, path, name):
        place = self.work / name
        with tarfile.open(path) as tar:
            tar.extractall(place)
        return place

    def run(self, *words, root="/"):
        script = ('cd "$1" && mkdir -p proc dev && touch dev/null && mount --rbind /proc proc && mount --bind /dev/null dev/null && '
                  'exec chroot "$@"')
        in_root = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "_", root] if root != "/" else []
        return subprocess.run([*in_root, *words], capture_output=True, text=True)

    def version_of(self, program, root="/"):
        return self.run(program, "version", root=root).stdout


def an_image_holds_the_bundle_and_nothing_else(forms):
    image = forms.folder / f"regcred-{forms.version}-image.tar"
    index = json.loads(subprocess.run(["skopeo", "inspect", "--raw", f"oci-archive:{image}"], capture_output=True, check=True).stdout)
    manifests = {item["platform"]["architecture"]: item for item in index["manifests"]}
    assert manifests.keys() == forms.trees.keys(), index
    blobs = forms.unpacked(image, "image") / "blobs/sha256"
    for architecture, tree in forms.trees.items():
        manifest = json.loads((blobs / manifests[architecture]["digest"].split(":")[1]).read_text())
        config = json.loads((blobs / manifest["config"]["digest"].split(":")[1]).read_text())
        assert config["architecture"] == architecture, config
        assert config["config"]["Entrypoint"] == ["/opt/regcred/bin/regcred"], config
        root = forms.work / f"image-{architecture}"
        for layer in manifest["layers"]:
            with tarfile.open(blobs / layer["digest"].split(":")[1]) as tar:
                tar.extractall(root)
        assert contents(root) == {f"opt/regcred/{name}": what for name, what in contents(tree).items()}, architecture
    assert forms.version in forms.version_of("/opt/regcred/bin/regcred", str(forms.work / f"image-{NATIVE}"))


def an_image_checks_a_configuration_as_the_readme_says(forms):
    """Without a container engine: in the root of the case before, with copies of what `docker run` would mount."""
    root, command = forms.work / f"image-{NATIVE}", readme_commands("Image").replace("\\\n", " ").splitlines()[-1]
    words = command.split()
    assert words[:2] == ["docker", "run"] and words[-1] == "check", command
    mounts = dict(re.findall(r"-v (\S+):(\S+):ro", command))
    assert mounts.pop("/etc/regcred") == "/etc/regcred", command
    configure(root / "etc/regcred")
    bare = forms.run("/opt/regcred/bin/regcred", "check", root=str(root))
    assert bare.returncode == 3 and "CA certificates: error: this machine has none" in bare.stdout, bare
    for source, target in mounts.items():
        (root / target[1:]).parent.mkdir(parents=True)
        shutil.copy(source, root / target[1:])
    done = forms.run("/opt/regcred/bin/regcred", "check", root=str(root))
    assert done.returncode == 0, done


def an_extension_has_all_of_it_below_the_kubelets_directory(forms):
    for architecture, tree in forms.trees.items():
        made = forms.unpacked(forms.folder / f"regcred-{forms.version}-talos-{architecture}.tar.gz", f"talos-{architecture}")
        place = made / f"regcred-{forms.version}-talos"
        providers = place / "rootfs/usr/local/lib/kubelet/credentialproviders"
        held = contents(providers)
        assert held.pop("regcred") == "regcred.bundle/bin/regcred"
        assert held == {f"regcred.bundle/{name}": what for name, what in contents(tree).items()}, architecture
        assert f'version: "{forms.version}"' in (place / "manifest.yaml").read_text()
        document = json.loads((place / "rootfs/usr/local/share/spdx/regcred.spdx.json").read_text())
        assert document["name"] == f"regcred-{forms.version}-linux-{architecture}", document["name"]
        if architecture == NATIVE:
            assert forms.version in forms.version_of(str(providers / "regcred"))


def an_rpm_holds_the_bundle(forms):
    for architecture, tree in forms.trees.items():
        said = subprocess.run(["rpm", "-qp", "--qf", "%{ARCH} %{PACKAGER} %{URL}", forms.rpm(architecture)], capture_output=True,
                              text=True, check=True).stdout
        assert said == f"{rpm.MACHINES[architecture]} {publisher.MAINTAINER} {publisher.HOMEPAGE or '(none)'}", said
        root = forms.work / f"rpm-{architecture}"
        with open(forms.rpm(architecture), "rb") as file:
            packed = subprocess.run(["rpm2archive", "-"], stdin=file, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(root)
        held = contents(root)
        assert held.pop("usr/bin/regcred") == "../../opt/regcred/bin/regcred"
        assert held.pop("usr/lib/tmpfiles.d/regcred.conf")
        assert held == {f"opt/regcred/{name}": what for name, what in contents(tree).items()}, architecture


def an_rpm_of_the_same_tree_has_the_same_bytes(forms):
    for architecture, tree in forms.trees.items():
        times = subprocess.run(["rpm", "-qp", "--qf", "[%{FILEMTIMES}\n]", forms.rpm(architecture)], capture_output=True, text=True,
                               check=True).stdout.split()
        (seconds,) = set(times)
        os.utime(tree / "share", (1, 1))  # older than that, as a file of the source may be
        again = rpm.make_rpm(tree, forms.work, forms.version, architecture, int(seconds))
        assert archive.sha256(pathlib.Path(again)) == archive.sha256(forms.rpm(architecture)), architecture


def an_rpm_is_installed_kept_while_needed_and_removed(forms):
    machine = Machine(forms.work / "root", "bookworm", forms.roots)
    machine.must("apt-get update -qq && apt-get install -y -qq --no-install-recommends rpm")
    before = machine.files()
    (machine.root / "regcred.rpm").write_bytes(forms.rpm(NATIVE).read_bytes())
    machine.must("rpm -i --nodeps /regcred.rpm")  # its one dependency is /bin/sh, which Debian's rpm does not know
    assert contents(machine.root / "opt/regcred") == contents(forms.trees[NATIVE])
    assert forms.version in machine.must("regcred version")
    assert "/run/regcred/cache 0700" in machine.must("cat /usr/lib/tmpfiles.d/regcred.conf")
    machine.must("install -d -m 0700 /run/regcred/cache")
    machine.must(f"install -d {PLUGINS} && ln -s /usr/bin/regcred {PLUGINS}/regcred")
    for file in ("etc/sysconfig/kubelet", "etc/rancher/rke2/config.yaml", "etc/rancher/k3s/config.yaml"):
        machine.write(file, KUBELET_FILES[file])
        refused = machine.run("rpm -e regcred")
        assert refused.returncode != 0 and f"{PLUGINS}/regcred" in refused.stderr, (file, refused)
        if "k3s" not in file:
            (machine.root / file).unlink()
    machine.must("regcred version")
    machine.must(re.search(r"^regcred: to remove the package all the same: (.*)$", refused.stderr, re.MULTILINE)[1])
    assert machine.run("regcred version").returncode == 127
    machine.must("rpm -i --nodeps /regcred.rpm && install -d -m 0700 /run/regcred/cache")
    machine.must(f"rm {PLUGINS}/regcred && rpm -e regcred && rm /etc/rancher/k3s/config.yaml /regcred.rpm")
    left = {name for name in machine.files() - before if "regcred" in name}  # also of its node cache
    assert not left, left


def a_deb_is_the_same_for_every_architecture(forms):
    def field(deb, name):
        return subprocess.run(["dpkg-deb", "--field", deb, name], capture_output=True, text=True, check=True).stdout.strip()

    def needed(deb):
        return {word.split()[0] for word in field(deb, "Depends").split(", ")}

    for name in ("regcred", "regcred-dev"):
        debs = {architecture: forms.deb(name, architecture) for architecture in forms.trees}
        roots = {architecture: forms.deb_tree(name, architecture) for architecture in debs}
        for architecture, deb in debs.items():
            assert field(deb, "Architecture") == architecture, deb
            assert needed(deb) == needed(debs[NATIVE]), field(deb, "Depends")
        for architecture in debs:
            assert contents(roots[architecture]).keys() == contents(roots[NATIVE]).keys(), architecture
        for architecture in debs.keys() - {NATIVE}:
            triplet, processor = toolchain.ARCHITECTURES[architecture]
            program = "regcred" if name == "regcred" else "regcred-conformance"
            words = [f"qemu-{processor}-static", "-L", f"/usr/{triplet}", roots[architecture] / "usr/bin" / program, "--version"]
            assert forms.version in subprocess.run(words, capture_output=True, text=True, check=True).stdout, words


def nothing_names_the_folder_where_it_was_made(forms):
    """By such a name (of a header, in an assertion) packages would differ from clone to clone."""
    folder = str(forms.folder.resolve()).encode()
    for architecture, bundle in forms.trees.items():
        for tree in (bundle, forms.deb_tree("regcred", architecture), forms.deb_tree("regcred-dev", architecture)):
            naming = [path for path in tree.rglob("*") if path.is_file() and folder in path.read_bytes()]
            assert not naming, naming


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


CASES = [an_image_holds_the_bundle_and_nothing_else, an_image_checks_a_configuration_as_the_readme_says,
         an_extension_has_all_of_it_below_the_kubelets_directory, an_rpm_holds_the_bundle, an_rpm_of_the_same_tree_has_the_same_bytes,
         an_rpm_is_installed_kept_while_needed_and_removed, a_deb_is_the_same_for_every_architecture,
         nothing_names_the_folder_where_it_was_made, sums_are_signed_by_a_key_from_outside]


def main():
    with tempfile.TemporaryDirectory() as work:
        return run_cases(CASES, Forms(pathlib.Path(sys.argv[1]), pathlib.Path(work), sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
