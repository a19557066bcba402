#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Backends of every released minor, built from stored sources with stored headers, answer on today's host; and so does
one of a minor that is yet to come.

usage: released_test.py STAGE WORK_DIRECTORY
"""
import os
import pathlib
import re
import subprocess
import sys

import world

HERE = pathlib.Path(__file__).resolve().parent


def build(source, include, folder):
    """The folder that holds released.so."""
    world.run(os.environ.get("CC", "cc"), "-std=gnu11", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror",
              f"-I{include}", source, "-o", folder / "released.so")
    return folder


def check_answers(stage, folder, backends):
    with world.TokenService(folder, answer="password-of-a-released-backend") as service:
        regcred = world.Regcred(stage, folder, backends, "released", ca_file=service.ca_file)
        regcred.secret("exchange-url", f"https://{service.host}/exchange\n")
        world.run("openssl", "genrsa", "-out", folder / "signing-key", "2048")  # mode 0600
        regcred.secret("signature", signature_of(b"abc", folder / "signing-key") + "\n")
        status, answer, error = regcred.ask({"example.com/team": "builders"}, ["--log-level", "error"])
        assert status == 0, error
        assert answer["auth"] == {"registry.example.com": {"username": "user", "password": service.answer}}, "other answer"
        assert 2880 <= int(answer["cacheDuration"][:-1]) <= 3240 and "a line of ABI 1.0" in error, (answer, error)
        (path, headers, body), = service.calls
        assert (path, headers["X-Abi"], body) == ("/exchange", "1.0", world.TOKEN), "other request"
        status, answer, error = regcred.ask({"example.com/team": "provider"}, ["--log-level", "error"])
        assert status == 0 and answer["cacheDuration"] == "600s", (answer, error)

        status, answer, error = regcred.ask({"example.com/team": "nobody"})
        assert (status, answer["auth"]) == (0, {}), error
        status, answer, error = regcred.ask({"example.com/team": "throttled"})
        assert (status, answer) == (6, None) and "come back later" in error, error
        check_serves(regcred)


def signature_of(data, key):
    """RSASSA-PKCS1-v1_5 with SHA-256, as hex."""
    done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key)], input=data, capture_output=True, check=True)
    return done.stdout.hex()


def check_serves(regcred):
    """`regcred check` asks the backend which registries it serves; `generate` asks it for an audience."""
    def found(*words):
        return subprocess.run([str(regcred.program), "--config", str(regcred.config), *(words or ["check"])], text=True,
                              capture_output=True, env={"CREDENTIALS_DIRECTORY": str(regcred.folder)}).stdout

    assert "write audience: audience-of-1.0" in found(), found()
    assert '- "audience-of-1.0"' in found("generate", "rbac"), found("generate", "rbac")

    reason = "the backend of ABI 1.0 has one registry"
    assert reason not in found(), found()
    regcred.config.write_text(regcred.config.read_text().replace("registry.example.com", "other.example.com"))
    assert reason in found(), found()


def later_minor(include, folder):
    """A copy of abi.h as a later minor may have it: structs that the backend fills in have grown at the end."""
    header = (include / "regcred/abi.h").read_text()
    header = re.sub(r"(#define REGCRED_ABI_MINOR) \d+", r"\1 77", header)
    for struct in ("regcred_backend_v1", "regcred_http_request_v1", "regcred_http_sink_v1", "regcred_bytes_sink_v1",
                   "regcred_process_request_v1", "regcred_process_sink_v1"):
        header, changed = re.subn(rf"\n}} {struct};", f"\n  uint64_t of_a_later_minor[4];\n}} {struct};", header)
        assert changed == 1, struct
    # What the host fills in keeps its size here: this host does not have the new members, and the backend knows.
    target = world.fresh(folder / "regcred") / "abi.h"
    target.write_text(header)
    return folder


if __name__ == "__main__":
    os.umask(0o022)
    stage, work = sys.argv[1], pathlib.Path(sys.argv[2])
    released = sorted((HERE / "released").iterdir())
    assert released, "no stored release"
    for release in released:
        folder = world.fresh(work / release.name)
        check_answers(stage, folder, build(release / "backend.c", release / "include", world.fresh(folder / "backends")))
    newest = released[-1]
    folder = world.fresh(work / "later")
    include = later_minor(newest / "include", world.fresh(folder / "include"))
    check_answers(stage, folder, build(newest / "backend.c", include, world.fresh(folder / "backends")))
