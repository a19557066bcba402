# SPDX-License-Identifier: Apache-2.0
"""What a package asks before it is removed, as shell code: does a kubelet of this node have a link to the program?

A kubelet whose CredentialProviderConfig names a program that is not there does not start.
"""

# is_needed PROGRAM: whether there are links to PROGRAM in the bin directories of kubelets (of those that run, of the files
# that give a kubelet its flags, and in k3s' own place); then it says so, and the cure.
SCRIPT = r"""bin_directories() {
  {
    for process in /proc/[0-9]*; do tr '\0' ' ' <"$process/cmdline" 2>/dev/null || :; echo; done
    cat /etc/default/kubelet /etc/sysconfig/kubelet /var/lib/kubelet/*.env /etc/systemd/system/kubelet.service \
      /etc/systemd/system/kubelet.service.d/*.conf /usr/lib/systemd/system/kubelet.service.d/*.conf 2>/dev/null || :
  } | sed -n 's/.*--image-credential-provider-bin-dir[= ]["'\'']\{0,1\}\([^"'\'' ]*\).*/\1/p'
  echo /var/lib/rancher/credentialprovider/bin
}
links_to() {
  bin_directories | sort -u | while read -r directory; do
    for link in "$directory"/*; do
      [ "$(readlink -f "$link")" != "$1" ] || echo "$link"
    done
  done
}
is_needed() {
  links=$(links_to "$1" | tr '\n' ' ')
  [ -n "$links" ] || return 1
  echo "regcred: a kubelet of this node may start ${links% }, and does not start without it." >&2
  echo "regcred: take its providers out of the CredentialProviderConfig, restart the kubelet, then: rm ${links% }" >&2
}"""

if __name__ == "__main__":
    print(SCRIPT)
