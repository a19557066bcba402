# SPDX-License-Identifier: Apache-2.0
"""A fresh machine for what is installed: a chroot made by debootstrap. Needs root."""
import pathlib
import re
import subprocess

README = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
NATIVE = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def configure(folder, change=lambda text: text):
    """Writes the README's configuration for two registries, changed, and its password's file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(change(re.search(r"```yaml\n(apiVersion: regcred/v1\n.*?)```", README, re.DOTALL)[1]))
    (folder / "build-cache.password").write_text("s3cret\n")
    (folder / "build-cache.password").chmod(0o600)


def readme_commands(form):
    """Those of the paragraph that begins with **FORM**, as one text for a shell."""
    paragraph = re.search(rf"^\*\*{form}\*\*.*?\n\n(    .*?\n)\n", README, re.DOTALL | re.MULTILINE)[1]
    return re.sub(r"^    ", "", paragraph, flags=re.MULTILINE)


def debootstrap(suite, root):
    """A minimal Debian from this machine's mirror, all or nothing."""
    mirror = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"],
                            capture_output=True, text=True, check=True).stdout.split()
    begun = root.with_name(f"{root.name}.begun")
    subprocess.run(["rm", "-rf", "--one-file-system", str(begun)], check=True)
    begun.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["debootstrap", "--variant=minbase", suite, str(begun), *mirror[:1]], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"debootstrap {suite}: {(done.stdout + done.stderr)[-500:]}")
    begun.rename(root)


class Machine:
    """A minimal Debian; every command runs in a mount namespace of its own, so nothing stays mounted."""

    def __init__(self, root, suite, roots):
        """A copy of ROOTS/SUITE, which is made when it is not there: the tests of one run share it."""
        self.root, made = pathlib.Path(root), pathlib.Path(roots) / suite
        if not made.exists():
            debootstrap(suite, made)
        subprocess.run(["cp", "-a", "--reflink=auto", str(made), str(root)], check=True)

    def run(self, command, **options):
        script = ('mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec env -i '
                  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive '
                  'chroot "$1" /bin/sh -c "$2"')
        return subprocess.run(["unshare", "--mount", "--propagation", "private", "bash", "-c", script, "_", str(self.root), command],
                              capture_output=True, text=True, **options)

    def must(self, command, **options):
        done = self.run(command, **options)
        assert done.returncode == 0, f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def files(self):
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if "/proc/" not in str(path)}


def run_cases(cases, subject):
    """Runs each case with `subject`, prints how it went, and gives the exit status."""
    failed = 0
    for case in cases:
        try:
            case(subject)
            print(f"  passed  {case.__name__.replace('_', ' ')}", flush=True)
        except Exception as error:  # a case that breaks is a case that failed
            failed += 1
            print(f"  FAILED  {case.__name__.replace('_', ' ')}: {error}", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0
