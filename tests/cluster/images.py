# SPDX-License-Identifier: Apache-2.0
"""Images as OCI layouts (OCI image specification), made without a container engine."""
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import subprocess
import tarfile

BUSYBOX = "/bin/busybox"  # Debian's busybox-static


def layout(folder, command):
    """An image whose one program is busybox, run as `command`; gives the layout's path."""
    return write_layout(folder, lambda archive: archive.add(BUSYBOX, "bin/busybox"), {"Cmd": ["/bin/busybox", *command]})


def regcred_layout(folder, tree):
    """regcred's image, as config/packaging/oci.py makes it of a bundle. A tree without libraries of its own gets this
    machine's."""
    def fill(archive):
        archive.add(tree, "opt/regcred")
        for library in [] if (tree / "lib/regcred/runtime").exists() else libraries(tree):
            archive.add(os.path.realpath(library), library.lstrip("/"))

    return write_layout(folder, fill, {"Entrypoint": ["/opt/regcred/bin/regcred"]})


def libraries(tree):
    """Paths of what the dynamic linker loads for its programs and backends."""
    files = [tree / "bin/regcred", *tree.glob("lib/regcred/**/*.so")]
    loaded = subprocess.run(["ldd", *map(str, files)], check=True, capture_output=True, text=True).stdout
    return sorted({path for path in re.findall(r"(/\S+) \(0x", loaded) if not path.startswith(str(tree))})


def write_layout(folder, fill, run):
    """An image of one layer, filled by `fill(archive)`, that is run as `run` says (OCI image configuration)."""
    folder = pathlib.Path(folder)
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(content, kind):
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        fill(archive)
    content = layer.getvalue()
    config = {"architecture": machine(), "os": "linux", "config": run,
              "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": blob(json.dumps(config).encode(), "config.v1+json"),
                "layers": [blob(content, "layer.v1.tar")]}
    index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode(), "manifest.v1+json")]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return folder


def machine():
    """The real machine's architecture, as Go writes it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
