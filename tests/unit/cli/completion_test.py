#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion scripts in the shells themselves: what is typed, and what each shell offers.

usage: completion_test.py SHELL REGCRED
"""
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time

# What stands on the line (the last word is being completed), what must be offered, and what must not.
CONVERSATIONS = [
    ("regcred ", {"get", "explain", "check", "doctor", "generate", "install-links", "completion"}, {"rbac"}),
    ("regcred ex", {"explain"}, {"get"}),
    ("regcred generate ", {"kubelet-config", "rbac", "service-account", "oidc-discovery", "schema"}, {"explain"}),
    ("regcred generate r", {"rbac"}, {"schema"}),
    ("regcred generate rbac --name", {"--namespace"}, {"--issuer"}),
    ("regcred get --s", {"--show-secrets", "--service-account"}, {"--strict"}),
    ("regcred get -o ", {"table", "kubelet", "docker-config", "json"}, {"text"}),
    ("regcred explain -o ", {"text", "json"}, {"table"}),
    ("regcred --log-level ", {"off", "error", "warn", "info", "debug"}, {"get"}),
    ("regcred completion ", {"bash", "zsh", "fish"}, {"rbac"}),
    ("regcred get --token-file ./a-f", {"a-file"}, set()),
    ("regcred --config ./a-f", {"a-file"}, set()),
    ("regcred get --token-file=./a-f", {"a-file"}, set()),
    ("regcred explain --output=", {"text", "json"}, {"table"}),
    ("regcred --config ./with", {"with space"}, set()),
    ("regcred --config generate ", {"get", "explain"}, {"rbac"}),  # a file of that name, no command
    ("regcred generate oidc-discovery --out ./a-", {"a-directory"}, {"a-file"}),
    ("regcred install-links ./a-", {"a-directory"}, {"a-file"}),
]


def in_bash(script, line, folder):
    program = f"""source {script}
COMP_LINE={line!r}; read -r -a COMP_WORDS <<< {line.replace("=", " = ")!r}  # readline splits at '=', too
case {line!r} in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _regcred; printf '%s\\n' "${{COMPREPLY[@]}}\""""
    return subprocess.run(["bash", "--norc", "-c", program], cwd=folder, capture_output=True, text=True,
                          check=True).stdout


def in_fish(script, line, folder):
    program = f"source {script}; complete -C {line!r}"
    environment = dict(os.environ, HOME=str(folder), XDG_CONFIG_HOME=str(folder))
    return subprocess.run(["fish", "--no-config", "-c", program], cwd=folder, capture_output=True, text=True, check=True,
                          env=environment).stdout


def in_zsh(script, line, folder):
    """A real terminal session: the line, then Tab twice, then what the screen shows."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="dumb", PS1="", HOME=str(folder))
        os.execvp("zsh", ["zsh", "-f", "-i"])
    setup = (f"stty cols 200; autoload -Uz compinit; compinit -u -D; source {script}; "
             "setopt no_beep list_ambiguous; LISTMAX=0; print READY$((1+1))\n")
    try:
        read_until(terminal, setup, "READY2")
        return read_until(terminal, line + "\t\t", None)
    finally:
        os.close(terminal)
        os.kill(child, 9)
        os.waitpid(child, 0)


def read_until(terminal, text, mark):
    os.write(terminal, text.encode())
    seen, end = "", time.monotonic() + 20
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1.0)
        if not ready:
            if mark is None:
                return seen
            continue
        seen += os.read(terminal, 65536).decode(errors="replace")
        if mark is not None and mark in seen:
            return seen
    return seen


def main():
    shell, regcred = sys.argv[1:]
    os.environ["PATH"] = f"{pathlib.Path(regcred).parent}:{os.environ['PATH']}"  # the scripts ask the program
    ask = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}[shell]
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "a-directory").mkdir()
        for file in ("a-file", "with space"):
            (folder / file).write_text("")
        script = folder / "script"
        script.write_text(subprocess.run([regcred, "completion", shell], capture_output=True, text=True,
                                         check=True).stdout)
        for line, wanted, unwanted in CONVERSATIONS:
            offered = ask(script, line, folder).replace("\\ ", " ")
            words = set(offered.replace("\t", " ").replace("/", " ").split())
            # What is alone is typed out by an interactive shell.
            missing = {word for word in wanted if word not in words and word not in offered.replace("\x1b", " ")}
            wrong = unwanted & words
            if missing or wrong:
                failures += 1
                print(f"{line!r}: missing {sorted(missing)}, wrong {sorted(wrong)}, offered:\n{offered}")
    print(f"{len(CONVERSATIONS) - failures} of {len(CONVERSATIONS)} as they should be in {shell}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
