# SPDX-License-Identifier: Apache-2.0
"""Archives and sums whose bytes follow from what is archived alone."""
import gzip
import hashlib
import subprocess
import tarfile


def add_all(tar, paths, base, seconds):
    """PATHS to TAR, named from BASE on: of root, everything of the time `seconds`."""
    def plain(member):
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = seconds
        member.mode = 0o777 if member.issym() else 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    for path in paths:
        tar.add(path, path.relative_to(base).as_posix(), recursive=False, filter=plain)


def make_archive(folder, archive, seconds):
    """FOLDER as the one directory of a .tar.gz."""
    with open(archive, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
            add_all(tar, [folder, *sorted(folder.rglob("*"))], folder.parent, seconds)


def make_tar(folder, archive, seconds):
    """What is in FOLDER as a .tar."""
    with tarfile.open(archive, mode="w", format=tarfile.GNU_FORMAT) as tar:
        add_all(tar, sorted(folder.rglob("*")), folder, seconds)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_sums(folder):
    """SHA256SUMS of the archives in FOLDER, for `sha256sum -c`."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.glob("regcred[-_]*")) if path.is_file()]
    (folder / "SHA256SUMS").write_text("".join(lines))


def sign_sums(folder, key):
    """Signs them with KEY, one of the keys that gpg has; gives the signature's path."""
    signature = folder / "SHA256SUMS.asc"
    subprocess.run(["gpg", "--batch", "--yes", "--local-user", key, "--armor", "--output", str(signature), "--detach-sign",
                    str(folder / "SHA256SUMS")], check=True)
    return signature
