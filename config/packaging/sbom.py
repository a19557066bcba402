# SPDX-License-Identifier: Apache-2.0
"""What is inside a bundle, by evidence: link maps, the headers that were compiled, the libraries that were copied.

Each part is named by its source package, its version and licence; one whose licence is not written down here stops the
build. Licence texts are those that the distribution ships.
"""
import collections
import datetime
import hashlib
import io
import json
import os.path
import pathlib
import re
import subprocess
import tarfile
import uuid

import publisher
from apt import output

# Source package, without the numbers at its end: what SPDX calls it, and its licence.
KNOWN = {
    "boost": ("Boost", "BSL-1.0"),
    "cli11": ("CLI11", "BSD-3-Clause"),
    "cross-toolchain-base": ("GNU C Library and kernel headers, for the linker", "LGPL-2.1-or-later"),
    "curl": ("curl", "curl"),
    "gcc": ("GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "glibc": ("GNU C Library", "LGPL-2.1-or-later"),
    "libmd": ("libmd", "BSD-3-Clause AND BSD-2-Clause AND ISC AND Beerware"),
    "linux": ("Linux kernel headers", "GPL-2.0-only WITH Linux-syscall-note"),
    "nlohmann-json3": ("JSON for Modern C++", "MIT"),
    "openssl": ("OpenSSL", "Apache-2.0"),
    "tl-expected": ("tl::expected", "CC0-1.0"),
    "valijson": ("Valijson", "BSD-2-Clause"),
    "yaml-cpp": ("yaml-cpp", "MIT"),
}
OFFER = """\
regcred {version} is under the Apache License 2.0 (LICENSE). It contains the libraries that regcred.spdx.json lists, each
with the licence text under licences/, unchanged but for the dynamic loader, which had the node's directories of
libraries, /etc/ld.so.preload and /etc/ld.so.cache taken out (config/packaging/runtime.py in the source of regcred).

Source code of the libraries under the LGPL and the GPL, as of the others: Debian's source packages in the versions that
regcred.spdx.json names. Debian keeps each of them, with its build rules, at the downloadLocation written there; for three
years, a copy is given to whoever asks for one:
@MAINTAINER@
regcred is linked dynamically to glibc: another build of it may be put in its place in lib/regcred/runtime.
"""


class Part(collections.namedtuple("Part", "source version")):
    @property
    def key(self):
        name = self.source.removesuffix("-cross")  # the cross compiler's own copies
        return name if name in KNOWN else re.sub(r"-?[\d.]+$", "", name)

    @property
    def identifier(self):
        return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]", "-", self.source)


class Packages:
    """Files of the distribution, and the packages they are from."""

    def __init__(self):
        self.owners = {}  # file: binary package
        self.parts = {}   # binary package: Part
        self.texts = {}   # Part: the file with its copyright and licence

    def owner(self, path):
        """The binary package of a file; /lib and /usr/lib are the same directory, and dpkg knows one name of them."""
        path = str(pathlib.Path(path))
        if path not in self.owners:
            real = str(pathlib.Path(path).resolve())
            for name in dict.fromkeys((path, real, real.removeprefix("/usr"), path.removeprefix("/usr"))):
                found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True).stdout
                owners = [line.split(": ")[0] for line in found.splitlines() if not line.startswith("diversion")]
                if owners:
                    self.owners[path] = owners[0].split(",")[0]
                    break
            else:
                raise SystemExit(f"{path} belongs to no package")
        return self.owners[path]

    def part(self, path):
        package = self.owner(path)
        if package not in self.parts:
            fields = output("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}", package).split()
            self.parts[package] = Part(*fields)
            self.texts.setdefault(self.parts[package], pathlib.Path(f"/usr/share/doc/{package.split(':')[0]}/copyright"))
        return self.parts[package]


class UnpackedPackages:
    """The same for packages that were unpacked into `root`; `debs` holds their files."""

    def __init__(self, root, debs):
        self.parts, self.texts = {}, {}
        for deb in sorted(debs.glob("*.deb")):
            fields = dict(line.split(": ", 1) for line in output("dpkg-deb", "-f", deb, "Package", "Source", "Version").splitlines())
            name, _, version = fields.get("Source", fields["Package"]).partition(" ")
            part = Part(name, version.strip("()") or fields["Version"])
            data = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, capture_output=True).stdout
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                self.parts.update((os.path.normpath(root / member.name), part) for member in tar if not member.isdir())
            text = root / "usr/share/doc" / fields["Package"] / "copyright"
            if text.is_file():
                self.texts.setdefault(part, text)

    def part(self, path):
        return self.parts[os.path.normpath(path)]


def archives_in(link_map):
    """Files of the machine that a link map says are in the linked file: members of archives, objects of the C library."""
    text = pathlib.Path(link_map).read_text(errors="replace")
    used, _, rest = text.partition("\nMemory Configuration\n")
    return {*re.findall(r"^(/\S+\.a)\(", used, re.MULTILINE), *re.findall(r"^LOAD (/\S+\.o)$", rest, re.MULTILINE)}


def headers_of(build):
    """Headers of the machine that were compiled into anything."""
    lines = output("ninja", "-C", build, "-t", "deps").splitlines()
    return {line.strip() for line in lines if line.startswith("    /")}


class Contents:
    """{file in the bundle: parts inside}, parts that are headers alone, and where the licence texts are."""

    def __init__(self, curl_prefix, curl_version, toolchain, source, build):
        self.packages = Packages()
        self.own = tuple(f"{path}/" for path in (source, build))
        self.curl_place, self.curl = f"{curl_prefix}/", Part("curl", curl_version)
        self.unpacked = {}  # what is not installed, by where it lies
        if toolchain.root:
            self.unpacked[f"{toolchain.root}/"] = UnpackedPackages(toolchain.root, toolchain.packages)
        valijson = source / "build/valijson"  # ./dev unpacks it there where it is not installed
        if valijson.is_dir():
            self.unpacked[f"{valijson}/"] = UnpackedPackages(valijson, valijson)
        self.texts = {self.curl: curl_prefix / "COPYING"}
        self.files = collections.defaultdict(set)
        self.headers = set()

    def part(self, path):
        """The part that a file is of; none for what is of this project."""
        path = str(path)
        if path.startswith(self.curl_place):
            return self.curl
        packages = next((packages for place, packages in self.unpacked.items() if path.startswith(place)), self.packages)
        if packages == self.packages and path.startswith(self.own):
            return None
        part = packages.part(path)
        self.texts.setdefault(part, packages.texts[part])
        return part

    def add_linked(self, file, link_map):
        self.files[file] |= {part for archive in sorted(archives_in(link_map)) if (part := self.part(archive))}

    def add_copied(self, file, origin):
        self.files[file].add(self.part(origin))

    def add_headers(self, build):
        folders = {}
        for header in sorted(headers_of(build)):
            folders.setdefault(header.rpartition("/")[0] if header.count("/") > 3 else header, header)
        self.headers = {part for header in folders.values() if (part := self.part(header))}

    def parts(self):
        return sorted(self.headers.union(*self.files.values()))


def document(contents, tree, version, architecture, seconds):
    """SPDX 2.3."""
    files, relations = [], [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-regcred")]
    for number, path in enumerate(sorted(contents.files), 1):
        data = path.read_bytes()
        identifier = f"SPDXRef-File-{number}"
        files.append({"SPDXID": identifier, "fileName": f"./{path.relative_to(tree)}", "copyrightText": "NOASSERTION",
                      "licenseConcluded": "NOASSERTION",
                      "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
                                    {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()}]})
        relations.append(("SPDXRef-regcred", "CONTAINS", identifier))
        relations += [(identifier, "CONTAINS", part.identifier) for part in sorted(contents.files[path])]
    packages = [{"SPDXID": "SPDXRef-regcred", "name": "regcred", "versionInfo": version, "licenseDeclared": "Apache-2.0",
                 "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION"}]
    for part in contents.parts():
        if part.key not in KNOWN:
            raise SystemExit(f"{part.source} {part.version} is in the bundle: write its licence down in sbom.py")
        name, licence = KNOWN[part.key]
        packages.append({
            "SPDXID": part.identifier, "name": name, "versionInfo": part.version, "supplier": "Organization: Debian",
            "downloadLocation": f"https://snapshot.debian.org/package/{part.source}/{part.version}/",
            "licenseDeclared": licence, "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                "referenceLocator": f"pkg:deb/debian/{part.source}@{part.version}?arch=source"}]})
        relations.append(("SPDXRef-regcred", "CONTAINS", part.identifier))
    for package in packages:
        package.update(filesAnalyzed=False, licenseConcluded="NOASSERTION", copyrightText="NOASSERTION")
    name = f"regcred-{version}-linux-{architecture}"
    identity = json.dumps([name, packages, files], sort_keys=True)
    created = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
            "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, identity)}",
            "creationInfo": {"created": created, "creators": ["Tool: regcred-package"]},
            "packages": packages, "files": files,
            "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                              for one, kind, other in relations]}


def write_licences(contents, folder, licence, version):
    """LICENSE, the source offer, and each part's own text with the common licences that it refers to."""
    texts = folder / "licences"
    texts.mkdir(parents=True)
    (folder / "LICENSE").write_bytes(licence.read_bytes())
    (folder / "SOURCES").write_text(publisher.filled_in(OFFER).format(version=version))
    for part in contents.parts():
        text = contents.texts[part].read_bytes()
        (texts / part.source).write_bytes(text)
        for name in set(re.findall(rb"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])", text)):
            common = pathlib.Path("/usr/share/common-licenses") / name.decode()
            if common.is_file():
                (texts / common.name).write_bytes(common.read_bytes())
