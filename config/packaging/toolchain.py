# SPDX-License-Identifier: Apache-2.0
"""What an architecture is built with: this machine's compiler, or the distribution's cross compiler and a root directory
with the packages of that architecture."""
import collections
import pathlib
import re
import sys

from apt import output

Architecture = collections.namedtuple("Architecture", "triplet processor")
ARCHITECTURES = {
    "amd64": Architecture("x86_64-linux-gnu", "x86_64"),
    "arm64": Architecture("aarch64-linux-gnu", "aarch64"),
}
# Besides those that have their version in their name: the headers of Boost, and the licence of the compiler's libraries.
PACKAGES = ("libc6", "libgcc-s1", "libstdc++6", "libssl-dev", "libyaml-cpp-dev", "libmd-dev", "nlohmann-json3-dev",
            "libcli11-dev", "libexpected-dev", "libvalijson-dev")
CROSS = """\
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR {processor})
set(CMAKE_C_COMPILER {triplet}-gcc)
set(CMAKE_CXX_COMPILER {triplet}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE {triplet})
foreach(language IN ITEMS C CXX)  # what is compiled names its headers as on the machine that it is for
  set(CMAKE_${{language}}_FLAGS_INIT "-isystem {root}/usr/include -isystem {root}/usr/include/{triplet} -ffile-prefix-map={root}=")
endforeach()
set(CMAKE_SKIP_BUILD_RPATH ON)  # an installed file would keep the length of that path
set(CMAKE_FIND_ROOT_PATH {root} {work}/libcurl)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind IN ITEMS LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${{kind}} ONLY)
endforeach()
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-{processor}-static -L /usr/{triplet})
"""


class Toolchain:
    """options: for CMake. libraries: directories with the shared ones. packages: of `root`, when there is one: what a
    bundle is made of, and `also`."""

    def __init__(self, work, architecture, apt, also=()):
        triplet, processor = ARCHITECTURES[architecture]
        if not re.search(r"^VERSION_CODENAME=bookworm$", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE):
            sys.exit("package: /etc/os-release: is not Debian 12, whose glibc and static OpenSSL a bundle is made of; use it, "
                     "in a chroot or container")
        self.options, self.root, self.packages = [], None, None
        if architecture == native():
            self.libraries = [f"/lib/{triplet}", f"/usr/lib/{triplet}"]
            return
        self.root = work / "sysroot"
        depends = output("dpkg-query", "-W", "-f", "${Depends}\n", "libboost-dev", f"libgcc-s1:{native()}")
        versioned = re.findall(r"libboost[\d.]+-dev|gcc-\d+-base", depends)
        self.packages = apt.unpack([*PACKAGES, *versioned, *also], self.root)
        self.libraries = [self.root / "lib" / triplet, self.root / "usr/lib" / triplet]
        file = work / "toolchain.cmake"
        file.write_text(CROSS.format(root=self.root, work=work, triplet=triplet, processor=processor))
        self.options = [f"-DCMAKE_TOOLCHAIN_FILE={file}"]


def native():
    return output("dpkg", "--print-architecture").strip()
