// SPDX-License-Identifier: Apache-2.0

// Package drive runs the installed regcred through the kubelet's own code, as a node does: registration, lookups for
// pods, caches, failures. Everything else on that node is an emulator on loopback.
package drive

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"regcred/tests/kubelet/kubeletcode"
)

// A node of a cluster whose registries are emulated.
type node struct {
	*cluster
	*cloudsmith
	t      *testing.T
	folder string // mode 0700: what lies there passes regcred's rules of trust
	bin    string // the kubelet's --image-credential-provider-bin-dir
	log    func() string
}

func newNode(t *testing.T) *node {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	key, text := newKey(t)
	keyFile := filepath.Join(folder, "issuer.pem")
	write(t, keyFile, text)
	issuer := serve(t, "issuer", keyFile)["issuer"]
	n := &node{t: t, folder: folder, bin: filepath.Join(folder, "bin"), log: kubeletcode.KeepLog()}
	n.cluster = &cluster{issuer: issuer, key: key, keyID: publishedKeyID(t, issuer), accounts: map[string]map[string]string{
		"default/app": {}, "default/build": {"cloudsmith.io/service-slug": "builder"}}}
	n.cloudsmith = startCloudsmith(t, folder, issuer)
	if err := os.Mkdir(n.bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := kubeletcode.TrackImages(); err != nil {
		t.Fatal(err)
	}
	return n
}

// Puts regcred into the kubelet's bin directory under this name.
func (n *node) link(name string) {
	n.t.Helper()
	if err := os.Symlink(filepath.Join(*tree, "bin/regcred"), filepath.Join(n.bin, name)); err != nil {
		n.t.Fatal(err)
	}
}

// Writes a file of the node and gives its path. In `text`, {folder}, {api}, {bad} stand for this run's places.
func (n *node) file(name, text string) string {
	n.t.Helper()
	path := filepath.Join(n.folder, name)
	write(n.t, path, n.filled(text))
	return path
}

func (n *node) filled(text string) string {
	return strings.NewReplacer("{folder}", n.folder, "{api}", n.apiHost, "{bad}", *badBackends).Replace(text)
}

// Starts the kubelet with these entries of `providers`, in YAML; {config} stands for this regcred configuration.
func (n *node) start(config, providers string) {
	n.t.Helper()
	n.link("regcred")
	path := n.file("config.yaml", config)
	n.startWith("apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n" +
		strings.ReplaceAll(providers, "{config}", path))
}

// Starts the kubelet as an operator sets it up: regcred writes the kubelet's configuration and makes the links.
func (n *node) startGenerated(config string) {
	n.t.Helper()
	path := n.file("config.yaml", config)
	forThis := []string{"--config", path, "--kubernetes-version", kubeletcode.Minor()}
	n.regcred(append([]string{"install-links", n.bin}, forThis...)...)
	n.startWith(n.regcred(append([]string{"generate", "kubelet-config"}, forThis...)...))
}

// What the installed regcred prints.
func (n *node) regcred(arguments ...string) string {
	n.t.Helper()
	program := exec.Command(filepath.Join(*tree, "bin/regcred"), arguments...)
	var complaints strings.Builder
	program.Stderr = &complaints
	output, err := program.Output()
	if err != nil {
		n.t.Fatalf("regcred %v: %v %s", arguments, err, complaints.String())
	}
	return string(output)
}

func (n *node) startWith(kubeletConfig string) {
	n.t.Helper()
	path := n.file("credential-provider.yaml", kubeletConfig)
	if err := kubeletcode.StartInCluster(path, n.bin, n.cluster); err != nil {
		n.t.Fatalf("the kubelet does not start: %v\n%s", err, n.filled(kubeletConfig))
	}
}

// The credentials that the kubelet has for an image of a pod in namespace default.
func (n *node) pull(pod, account, image string) []kubeletcode.Credential {
	n.t.Helper()
	credentials, err := kubeletcode.Lookup(kubeletcode.Pod{Namespace: "default", Name: pod, ServiceAccount: account}, image)
	if err != nil {
		n.t.Error(err)
	}
	return credentials
}

// The one credential for an image.
func (n *node) credential(pod, account, image string) kubeletcode.Credential {
	n.t.Helper()
	found := n.pull(pod, account, image)
	if len(found) != 1 {
		n.t.Errorf("%d credentials for %s of %s instead of 1:\n%s", len(found), image, pod, n.errors())
		return kubeletcode.Credential{}
	}
	return found[0]
}

var beginsEntry = regexp.MustCompile(`^[IWEF]\d{4} `)

// The errors in the kubelet's log, one a line. Those of several lines are joined.
func (n *node) errors() string {
	var entries []string
	isError := false
	for _, line := range strings.Split(n.log(), "\n") {
		if beginsEntry.MatchString(line) {
			if isError = line[0] == 'E'; isError {
				entries = append(entries, line)
			}
		} else if isError && line != "" {
			entries[len(entries)-1] += " | " + strings.TrimSpace(line)
		}
	}
	return strings.Join(entries, "\n")
}

// Asserts the number of times that the kubelet has run a provider so far.
func (n *node) expectExecutions(provider string, expected int) {
	n.t.Helper()
	if ran := kubeletcode.Executions(provider); ran != expected {
		n.t.Errorf("the kubelet ran %s %d times instead of %d", provider, ran, expected)
	}
}

func within(t *testing.T, limit time.Duration, what func()) {
	t.Helper()
	begin := time.Now()
	what()
	if took := time.Since(begin); took > limit {
		t.Errorf("took %s, at most %s was expected", took, limit)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
