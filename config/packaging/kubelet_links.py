# SPDX-License-Identifier: Apache-2.0
"""What a package asks before it is removed, as shell code: does a kubelet of this node have a link to the program?

A kubelet whose CredentialProviderConfig names a program that is not there does not start. Where a kubelet's flags stand:
core/node/kubelet_unit.cpp (systemd) and core/node/kubelet_flags.cpp (k3s, RKE2).
"""

# kubelet_texts: command lines of all processes, one word a line; files that may give a kubelet its flags.
# bin_directories: of what is read, words of command lines, units, environments or YAML, with or without dashes.
# is_needed PROGRAM FORCE: whether there are links to PROGRAM in bin directories of kubelets; then it says so, the cure, and
# that the command FORCE removes the package all the same.
SCRIPT = r"""kubelet_texts() {
  for process in /proc/[0-9]*; do tr '\0' '\n' <"$process/cmdline" || :; echo; done
  units=$(for folder in /etc /run /usr/local/lib /usr/lib /lib; do
    for unit in kubelet k3s k3s-agent rke2-server rke2-agent; do
      cat "$folder/systemd/system/$unit.service" "$folder/systemd/system/$unit.service.d"/*.conf || :
    done
  done)
  printf '%s\n' "$units"
  printf '%s\n' "$units" | sed -n 's/^[[:space:]]*EnvironmentFile=-\{0,1\}//p' | while read -r file; do cat "$file" || :; echo; done
  for file in /etc/default/kubelet /etc/sysconfig/kubelet /etc/eks/kubelet/environment /var/lib/kubelet/*.env \
    /etc/rancher/*/config.yaml /etc/rancher/*/config.yaml.d/*; do
    cat "$file" || :
    echo
  done
}
bin_directories() {
  name='image[-_]credential[-_]provider[-_]bin[-_]dir'
  sed '/^[[:space:]]*[#;]/d' | tr -s '][{}, \t\r"'\''\\' '[\n*]' | sed '/^[=:]*$/d' |
    sed -n -e "s/^\(.*[=:]\)\{0,1\}-*$name[=:]\(..*\)/\2/p" -e t -e "/$name[=:]\{0,1\}\$/{n;p;}" | sed 's:^/*:/:' | sort -u
  echo /var/lib/rancher/credentialprovider/bin
}
links_to() {
  kubelet_texts 2>/dev/null | bin_directories | while read -r directory; do
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
  echo "regcred: to remove the package all the same: $2" >&2
}"""

if __name__ == "__main__":
    print(SCRIPT)
