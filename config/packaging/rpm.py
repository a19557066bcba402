# SPDX-License-Identifier: Apache-2.0
"""The bundle as an .rpm: its tree under /opt/regcred, and /usr/bin/regcred as a link into it."""
import os
import pathlib
import shutil
import subprocess

import kubelet_links
import publisher

TMPFILES = pathlib.Path(__file__).resolve().parent / "tmpfiles.conf"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # Debian's names of processors, and rpm's

# Nothing is looked for, stripped or rewritten: what is inside was checked as a bundle.
SPEC = """\
%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
%global _build_id_links none
%global use_source_date_epoch_as_buildtime 1
%global _buildhost regcred
Name: regcred
Version: {version}
Release: 1
Summary: kubelet image credential provider for every registry
License: Apache-2.0
URL: @HOMEPAGE@
Packager: @MAINTAINER@
AutoReqProv: no
%description
The kubelet runs a credential provider before it pulls an image. regcred finds
the registry entry whose image patterns match, loads that entry's backend, and
turns the token of the pod's service account into registry credentials.
This package brings its own loader and libraries; their licences are in
/opt/regcred/share/doc/regcred. It starts no service and changes no kubelet.
%install
mkdir -p %{{buildroot}}/opt %{{buildroot}}/usr/bin %{{buildroot}}/etc/regcred
cp -a {tree} %{{buildroot}}/opt/regcred
ln -s ../../opt/regcred/bin/regcred %{{buildroot}}/usr/bin/regcred
install -D -m 0644 {tmpfiles} %{{buildroot}}/usr/lib/tmpfiles.d/regcred.conf
find %{{buildroot}} -exec touch --no-dereference --date=@{seconds} '{{}}' +
%files
%defattr(-,root,root,-)
/opt/regcred
/usr/bin/regcred
/usr/lib/tmpfiles.d/regcred.conf
%dir /etc/regcred
%preun
[ "$1" -eq 0 ] || exit 0
{links}
! is_needed /opt/regcred/bin/regcred 'rpm -e --nopreun regcred'
%postun
[ "$1" -ne 0 ] || rm -rf /run/regcred
"""


def make_rpm(tree, folder, version, architecture, seconds):
    """Gives the path of the package in `folder`; the same tree and time give the same bytes."""
    work = pathlib.Path(folder) / "work" / architecture / "rpm"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    spec = work / "regcred.spec"
    spec.write_text(publisher.filled_in(SPEC).format(version=version, tree=tree, links=kubelet_links.SCRIPT, tmpfiles=TMPFILES,
                                                     seconds=seconds))
    machine = MACHINES[architecture]
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--target", machine, "--define", f"_topdir {work}", str(spec)], check=True,
                   env=dict(os.environ, SOURCE_DATE_EPOCH=str(seconds), LC_ALL="C"))
    made = work / "RPMS" / machine / f"regcred-{version}-1.{machine}.rpm"
    return shutil.copy(made, folder)
