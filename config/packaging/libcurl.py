# SPDX-License-Identifier: Apache-2.0
"""A libcurl that speaks HTTP and HTTPS, directly and through proxies, from the distribution's source package. Debian's own
is linked to LDAP, Kerberos, SSH and thirty libraries more."""
import shutil

from apt import run

# HSTS and netrc stay in: core/services/http/curl_options.hpp switches them off, and an option that libcurl does not have
# would be an error there, as it should be.
OPTIONS = {
    "BUILD_SHARED_LIBS": "OFF", "BUILD_CURL_EXE": "OFF", "BUILD_TESTING": "OFF", "ENABLE_MANUAL": "OFF",
    "CMAKE_POSITION_INDEPENDENT_CODE": "ON", "CMAKE_BUILD_TYPE": "Release",
    "CURL_USE_OPENSSL": "ON", "OPENSSL_USE_STATIC_LIBS": "ON", "CURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG": "ON",
    "CURL_CA_BUNDLE": "none", "CURL_CA_PATH": "none",  # trust_roots.hpp names them
    "ENABLE_THREADED_RESOLVER": "ON", "ENABLE_IPV6": "ON",
    "HTTP_ONLY": "ON", "CURL_DISABLE_ALTSVC": "ON", "CURL_DISABLE_COOKIES": "ON", "CURL_DISABLE_DOH": "ON",
    "CURL_DISABLE_MIME": "ON", "CURL_DISABLE_NTLM": "ON", "ENABLE_UNIX_SOCKETS": "OFF", "USE_NGHTTP2": "OFF",
    "USE_LIBIDN2": "OFF", "CURL_USE_LIBPSL": "OFF", "CURL_USE_LIBSSH2": "OFF", "CURL_USE_LIBSSH": "OFF",
    "CURL_USE_GSSAPI": "OFF", "CURL_ZLIB": "OFF", "CURL_BROTLI": "OFF", "CURL_ZSTD": "OFF",
}
FLAGS = "-g0 -ffunction-sections -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2"


def build(work, apt, toolchain):
    """Gives the prefix that libcurl is installed under, and its version as a source package. One that was built from
    the same version with the same options is taken again."""
    prefix, build_directory = work / "libcurl", work / "libcurl-build"
    source, version = apt.source("curl", work / "source")
    stamp, identity = prefix / "built-from", f"{version} {sorted(OPTIONS.items())} {FLAGS}"
    if stamp.exists() and stamp.read_text() == identity:
        return prefix, version
    for folder in (prefix, build_directory):
        shutil.rmtree(folder, ignore_errors=True)
    log = work / "libcurl.log"
    log.unlink(missing_ok=True)
    run(log, "cmake", "-G", "Ninja", "-S", source, "-B", build_directory, *toolchain, f"-DCMAKE_INSTALL_PREFIX={prefix}",
        f"-DCMAKE_C_FLAGS_RELEASE=-O2 {FLAGS} -ffile-prefix-map={source}=curl -ffile-prefix-map={work}=.",
        *(f"-D{name}={value}" for name, value in OPTIONS.items()))
    run(log, "cmake", "--build", build_directory, "--target", "install")
    shutil.copy(source / "COPYING", prefix / "COPYING")
    stamp.write_text(identity)
    return prefix, version
