# SPDX-License-Identifier: Apache-2.0
"""Where a node may name the kubelet's bin directory, and in which forms: {file: text}. Each names PLUGINS.

The last is read because a unit names it: UNIT_FILE, with UNIT as its text.
"""
PLUGINS = "/usr/local/libexec/kubelet-plugins"
FLAG = "image-credential-provider-bin-dir"
KUBELET_FILES = {
    "etc/default/kubelet": f"KUBELET_EXTRA_ARGS=--image-credential-provider-config=/etc/kubernetes/c.yaml --{FLAG}={PLUGINS}\n",
    "etc/sysconfig/kubelet": f"KUBELET_EXTRA_ARGS='--{FLAG}={PLUGINS}'\n",
    "var/lib/kubelet/kubeadm-flags.env": f'KUBELET_KUBEADM_ARGS="--{FLAG} {PLUGINS} --v=2"\n',
    "etc/eks/kubelet/environment": f'NODEADM_KUBELET_ARGS="--v=2 --{FLAG}={PLUGINS}"\n',
    "etc/systemd/system/kubelet.service": f"[Service]\nExecStart=/usr/bin/kubelet --{FLAG}={PLUGINS} --v=2\n",
    "usr/lib/systemd/system/kubelet.service": f"[Service]\nExecStart=/usr/bin/kubelet \\\n  --{FLAG}={PLUGINS} \\\n  --v=2\n",
    "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": f"[Service]\nEnvironment=\"ARGS=--{FLAG}={PLUGINS}\"\n",
    # As k3s's install script writes it: one word to a line.
    "etc/systemd/system/k3s.service": f"[Service]\nExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--{FLAG}' \\\n\t'{PLUGINS}' \\\n\n",
    "etc/systemd/system/k3s-agent.service":
        f"[Service]\nExecStart=/usr/local/bin/k3s \\\n    agent \\\n\t'--kubelet-arg={FLAG}={PLUGINS}' \\\n",
    "etc/rancher/k3s/config.yaml": f"write-kubeconfig-mode: '0644'\n{FLAG}: {PLUGINS}\n",
    "etc/rancher/k3s/config.yaml.d/10-providers.yaml": f"kubelet-arg+:\n  - \"v=2\"\n  - \"{FLAG}={PLUGINS}\"\n",
    "etc/rancher/k3s/config.yaml.d/20-providers.yml": f"\"{FLAG}\": \"{PLUGINS}\"\r\n",
    "etc/rancher/rke2/config.yaml": f"kubelet-arg: [--{FLAG}={PLUGINS}, v=2]\n",
    "etc/rancher/rke2/config.yaml.d/providers.yaml": f'{{"kubelet-arg":"{FLAG.replace("-", "_")}={PLUGINS}","{FLAG}":"{PLUGINS}"}}',
    "etc/kubernetes/kubelet.env": f"KUBELET_ARGS=\"--v=2 \\\n--{FLAG}={PLUGINS} \\\n\"\n",
}
UNIT_FILE = "run/systemd/system/kubelet.service"
UNIT = "[Service]\nEnvironmentFile=-/etc/kubernetes/kubelet.env\nExecStart=/usr/bin/kubelet $KUBELET_ARGS\n"
