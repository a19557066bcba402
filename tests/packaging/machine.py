# SPDX-License-Identifier: Apache-2.0
"""A fresh machine for what is installed: a chroot made by debootstrap. Needs root."""
import pathlib
import subprocess

PLUGINS = "/usr/local/libexec/kubelet-plugins"


class Machine:
    """A minimal Debian; every command runs in a mount namespace of its own, so nothing stays mounted."""

    def __init__(self, root, suite):
        self.root = pathlib.Path(root)
        mirror = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"],
                                capture_output=True, text=True, check=True).stdout.split()
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(root), *mirror[:1]], check=True, stdout=subprocess.DEVNULL)

    def run(self, command, **options):
        script = ('mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec env -i '
                  'PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$1" /bin/sh -c "$2"')
        return subprocess.run(["unshare", "--mount", "--propagation", "private", "bash", "-c", script, "_", str(self.root), command],
                              capture_output=True, text=True, **options)

    def must(self, command, **options):
        done = self.run(command, **options)
        assert done.returncode == 0, f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

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
