# SPDX-License-Identifier: Apache-2.0
"""Long-running programs inside the machine. Each has a log, and a number to stop it by; the rest end with the machine."""
import os
import pathlib
import signal
import socket
import subprocess
import time


class Services:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for name in ("log", "pid"):
            (self.folder / name).mkdir(exist_ok=True)

    def log(self, name):
        return self.folder / f"log/{name}.log"

    def start(self, name, *command, environment=None):
        """Starts a program as a child of process 1, as systemd does."""
        number = self.folder / f"pid/{name}"
        number.unlink(missing_ok=True)  # of one that ended by itself
        detached = ["setsid", "--fork", "sh", "-c", 'echo $$ >"$0" && exec "$@"', str(number)]
        with open(self.log(name), "a") as log:
            subprocess.run([*detached, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
                           env={**os.environ, **(environment or {})})
        until(lambda: number.exists() and number.read_text().strip(), 10, f"{name} to start")

    def start_serving(self, name, command, ready):
        """Starts a program that says one line when it is ready and serves until its input ends; gives that line."""
        never_ends = self.folder / f"pid/{name}.input"
        os.mkfifo(never_ends)
        channel = os.open(never_ends, os.O_RDWR)  # a writer of its own input: no end of file
        with open(self.log(name), "a") as log:
            process = subprocess.Popen(command, stdin=channel, stdout=subprocess.PIPE, stderr=log, text=True,
                                       start_new_session=True)
        os.close(channel)
        (self.folder / f"pid/{name}").write_text(str(process.pid))
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start: {self.log(name).read_text()}")
        return ready(line)

    def stop(self, name):
        pid = int((self.folder / f"pid/{name}").read_text())
        os.kill(pid, signal.SIGTERM)
        until(lambda: not alive(pid), 20, f"{name} to end")
        (self.folder / f"pid/{name}").unlink()

    def wait(self, name, done, seconds=60):
        """Until `done()`; a service that ends instead is shown with the last lines of its log."""
        pid = int((self.folder / f"pid/{name}").read_text())

        def settled():
            if not alive(pid):
                raise RuntimeError(f"{name} ended:\n{tail(self.log(name))}")
            return done()

        try:
            until(settled, seconds, f"{name} to be ready")
        except TimeoutError as error:
            raise RuntimeError(f"{error}:\n{tail(self.log(name))}") from error


def alive(pid):
    try:
        os.waitpid(pid, os.WNOHANG)  # when it is a child of ours
    except ChildProcessError:
        pass
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def until(done, seconds, what):
    """Gives the first true value of `done()`."""
    end = time.monotonic() + seconds
    while True:
        value = done()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.1)


def listens(address, port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def tail(path, lines=15):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
