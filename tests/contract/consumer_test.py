#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds one consumer project against the installed SDK as its author would, and lets its backend answer a request
through the installed regcred.

usage: consumer_test.py NAME STAGE WORK_DIRECTORY REGCRED_SOURCE
"""
import os
import pathlib
import shutil
import subprocess
import sys

import world

HERE = pathlib.Path(__file__).resolve().parent


def same(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"


class Consumer:
    def __init__(self, name, stage, work, regcred_source):
        self.source = HERE / name
        self.stage = pathlib.Path(stage)
        self.build = world.fresh(pathlib.Path(work) / name)
        self.regcred_source = regcred_source

    def cmake(self, *definitions):
        """Configures and builds; CC and CXX choose the compilers."""
        world.run("cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                  *definitions)
        world.run("cmake", "--build", self.build)

    def backend(self, name, built=None):
        """The folder that holds NAME.so and nothing else, after a look at what it exports."""
        folder = world.fresh(self.build / "backends")
        shutil.copy(built or self.build / f"{name}.so", folder / f"{name}.so")
        same(world.exported_symbols(folder / f"{name}.so"), ["regcred_backend_entry_v1"])
        return folder

    def regcred(self, name, backends, **options):
        return world.Regcred(self.stage, self.build, backends, name, **options)

    def check_exchange(self, name, backends):
        """A backend that posts the token: a good answer, a refusal, a wrong setting."""
        with world.TokenService(self.build) as service:
            regcred = self.regcred(name, backends, settings={"apiHost": service.host}, ca_file=service.ca_file)
            same(regcred.credential(), ("acme", world.PASSWORD, "3240s"))
            (path, headers, body), = service.calls
            same((path, body), ("/token", f'{{"token":"{world.TOKEN}"}}'))
            same(headers["Content-Type"], "application/json")

            service.status = 403
            status, answer, error = regcred.ask()
            same((status, answer), (6, None))
            assert "refused this service account" in error, error
            service.status, service.answer = 200, '{"password":'
            assert "no usable password" in regcred.ask()[2]

        status, answer, error = self.regcred(name, backends, settings={"apiHost": "a/b"}).ask()
        same((status, answer), (3, None))
        assert "settings.apiHost" in error, error
        assert "settings.apiHots: unknown setting" in self.regcred(name, backends, settings={"apiHots": "a"}).ask()[2]
        # The exchange is that of the template, so what holds for it holds here.
        world.conforms(self.stage, backends / f"{name}.so", self.stage / "share/regcred/template")


def cmake_package(consumer):
    # An installation may be moved as a whole.
    moved = consumer.build / "moved"
    shutil.copytree(consumer.stage, moved)
    consumer.cmake(f"-DCMAKE_PREFIX_PATH={moved}")
    regcred = consumer.regcred("acme-package", consumer.backend("acme-package"), settings={"passwordFile": "robot"})
    regcred.secret("robot", "robot-password\n")
    same(regcred.credential(), ("robot$team", "robot-password", None))


def cmake_subdirectory(consumer):
    consumer.cmake(f"-DREGCRED_SOURCE={consumer.regcred_source}")
    regcred = consumer.regcred("acme-subdirectory", consumer.backend("acme-subdirectory"))
    same(regcred.credential(), ("oidc.example.com", world.TOKEN, "0s"))
    # Installing the team's project installs the team's backend, and nothing of regcred.
    prefix = world.fresh(consumer.build / "prefix")
    world.run("cmake", "--install", consumer.build, "--prefix", prefix)
    same([str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()],
         ["backends/acme-subdirectory.so"])


def pkg_config_c(consumer):
    for file in consumer.source.iterdir():
        shutil.copy(file, consumer.build)
    path = {"PKG_CONFIG_PATH": str(consumer.stage / "share/pkgconfig")}
    world.run("make", "-C", consumer.build, env=path)
    same(world.run("pkg-config", "--modversion", "regcred", env=path).split(".")[0], "1")
    regcred = consumer.regcred("acme-pkg-config", consumer.backend("acme-pkg-config"))
    regcred.secret("acme-password", "from-a-file\n")
    same(regcred.credential(), ("puller", "from-a-file", None))
    os.remove(consumer.build / "acme-password")
    status, answer, error = regcred.ask()
    same((status, answer), (3, None))
    assert "acme-password" in error, error


def c_backend(consumer):
    # A C++ compiler that cannot run: whoever starts it after all fails the test.
    consumer.cmake(f"-DCMAKE_PREFIX_PATH={consumer.stage}", "-DCMAKE_CXX_COMPILER=/bin/false")
    consumer.check_exchange("acme-c", consumer.backend("acme-c"))


def rust_backend(consumer):
    # A home of its own and --offline: what is not in the project is not there.
    cargo = ["cargo", "--offline", "--locked", "--quiet"]
    place = ["--manifest-path", consumer.source / "Cargo.toml", "--target-dir", consumer.build]
    home = {"CARGO_HOME": str(consumer.build / "home")}
    world.run(*cargo, "build", "--release", *place, env=home)
    world.run(*cargo, "test", *place, env=home)
    consumer.check_exchange("acme-rust", consumer.backend("acme-rust", consumer.build / "release/libacme_rust.so"))


def cmake_misuse(consumer):
    """What goes wrong at configuration is a sentence that names the cure."""
    find = "find_package(regcred 1 REQUIRED)\n"
    wrong = {
        find + "regcred_add_backend(Acme SOURCES a.c)": "'Acme' is not a backend name",
        find + f"regcred_add_backend({64 * 'a'} SOURCES a.c)": "at most 63 lower-case letters",
        find + "regcred_add_backend(acme)": "SOURCES is missing",
        find + "regcred_add_backend(acme a.c)": "write SOURCES before the files",
        find + "regcred_add_backend(acme SOURCES a.c a.cpp)": "call project(... LANGUAGES CXX) before",
        "find_package(regcred 2 REQUIRED)": 'compatible with requested version "2"',
    }
    for number, (lines, expected) in enumerate(wrong.items()):
        folder = world.fresh(consumer.build / str(number))
        (folder / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES NONE)\n{lines}\n")
        done = subprocess.run(["cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={consumer.stage}"],
                              capture_output=True, text=True)
        assert done.returncode != 0 and expected in " ".join(done.stderr.split()), f"{lines}\n{done.stderr}"


def sdk_alone(consumer):
    """Without libcurl and the like: the SDK's part of an installation, file by file the same."""
    build, prefix = consumer.build / "build", consumer.build / "prefix"
    world.run("cmake", "-S", consumer.regcred_source, "-B", build, "-G", "Ninja", "-DREGCRED_PROGRAM=OFF")
    world.run("cmake", "--install", build, "--prefix", prefix)
    installed = {path.relative_to(prefix) for path in prefix.rglob("*") if path.is_file()}
    for file in ("include/regcred/abi.h", "include/regcred/testing.hpp", "lib/cmake/regcred/regcredConfig.cmake",
                 "share/pkgconfig/regcred.pc", "share/regcred/template/CMakeLists.txt"):
        assert pathlib.Path(file) in installed, f"{file} is not installed"
    for file in installed:
        same((prefix / file).read_bytes(), (consumer.stage / file).read_bytes())
    assert not (prefix / "bin").exists(), "the program came along"


if __name__ == "__main__":
    os.umask(0o022)
    name = sys.argv[1]
    checks = (cmake_package, cmake_subdirectory, cmake_misuse, pkg_config_c, c_backend, rust_backend,
              sdk_alone)
    {check.__name__: check for check in checks}[name](Consumer(*sys.argv[1:]))
