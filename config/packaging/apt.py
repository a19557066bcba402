# SPDX-License-Identifier: Apache-2.0
"""Packages of the distribution, source and binary, also of another architecture: fetched and verified by apt as always,
with lists and files under the work directory. Nothing of the machine's apt is changed, nothing is installed."""
import pathlib
import shutil
import subprocess

KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg",
            "/usr/share/keyrings/ubuntu-archive-keyring.gpg")


def run(log, *command, cwd=None):
    with open(log, "a") as to:
        done = subprocess.run([str(part) for part in command], cwd=cwd, stdout=to, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command[:3]))} ...: exit status {done.returncode}, see {log}")


def output(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def repositories():
    """Lines of a sources.list without their first word: those of the distribution that this machine uses."""
    keyring = next((path for path in KEYRINGS if pathlib.Path(path).exists()), None)
    signed = f"[signed-by={keyring}] " if keyring else ""
    targets = output("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    return sorted({signed + line.partition(" ")[2] for line in targets.splitlines() if line.split()[0] in ("Debian", "Ubuntu")})


class Apt:
    def __init__(self, work, architecture):
        self.folder, self.log = work / "apt", work / "apt.log"
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        (self.folder / "sources.list").write_text("".join(f"{kind} {line}\n" for line in repositories() for kind in ("deb", "deb-src")))
        options = {"Dir::Etc::SourceList": self.folder / "sources.list", "Dir::Etc::SourceParts": "-",
                   "Dir::State::Lists": self.folder / "lists", "Dir::State::Status": self.folder / "status",
                   "Dir::Cache": self.folder / "cache", "APT::Sandbox::User": "root", "APT::Architecture": architecture,
                   "APT::Architectures": architecture}
        self.command = ["apt-get", "-q", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
        self.log.unlink(missing_ok=True)
        run(self.log, *self.command, "update", "--error-on=any")

    def source(self, package, folder):
        """Unpacks a source package; gives its directory and version."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        run(self.log, *self.command, "source", "--only-source", package, cwd=folder)
        description, = folder.glob("*.dsc")
        version = next(line.split()[1] for line in description.read_text().splitlines() if line.startswith("Version:"))
        unpacked, = (path for path in folder.iterdir() if path.is_dir())
        return unpacked, version

    def unpack(self, packages, root):
        """Unpacks binary packages, without what they depend on, into `root`; their files stay beside it."""
        debs = root.with_name(root.name + "-packages")
        for folder in (root, debs):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        run(self.log, *self.command, "download", *packages, cwd=debs)
        for package in sorted(debs.glob("*.deb")):
            run(self.log, "dpkg-deb", "-x", package, root)
        return debs
