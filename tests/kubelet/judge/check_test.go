// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"regcred/tests/kubelet/kubeletcode"
)

const ourConfig = `
apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: all
    matchImages: [registry.example.com, b.example.com]
    backend: static
    settings: { username: u, passwordFile: /etc/hostname }
`

// Where `regcred check` is stricter than the kubelet, by rule: what starts a kubelet, but cannot work.
var strictOnPurpose = []string{
	"image-not-answered",                                                         // no entry of ours would answer
	"pattern-docker-hub", "pattern-never", "pattern-path-glob", "pattern-scheme", // matches no image
	"provider-match-images",                // two colons: refused by kubelets from 1.36 on
	"token-version",                        // ignored without a word up to 1.31: no token is ever sent
	"kubelet-file",                         // a second document, or (up to 1.31) a second key, ignored without a word
	"no-regcred-provider", "provider-name", // 1.29 looks for the program only when it runs it
}

// Cases that only the node can judge.
var notSeenByCheck = []string{"name-of-no-file", "name-of-no-executable", "name-missing"}

// The rules by which `regcred check` finds errors in this file or directory for this Kubernetes.
func errorsByCheck(t *testing.T, config, kubeletConfig string) []string {
	t.Helper()
	output, _ := exec.Command(filepath.Join(*tree, "bin/regcred"), "check", "--config", config, "--kubelet-config",
		kubeletConfig, "--kubernetes-version", kubeletcode.Minor(), "-o", "json").Output()
	var report struct {
		Findings []struct{ Severity, Rule, File string }
	}
	if err := json.Unmarshal(output, &report); err != nil {
		t.Fatalf("%s: %v %s", kubeletConfig, err, output)
	}
	var rules []string
	for _, finding := range report.Findings {
		if finding.Severity == "error" && strings.HasPrefix(finding.File, kubeletConfig) {
			rules = append(rules, finding.Rule)
		}
	}
	return rules
}

// `regcred check` and this kubelet agree on every case: what the kubelet refuses is an error of check, and what it takes
// is none, but for what can never work.
func TestCheckAgreesWithTheKubelet(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte(ourConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, said := range readVerdicts(t) {
		path := filepath.Join("cases", name)
		if _, err := os.Stat(path); err != nil {
			path += ".yaml"
		}
		verdict := said.of(kubeletcode.Minor())
		found := errorsByCheck(t, config, path)
		if verdict != accepted && len(found) == 0 && !slices.Contains(notSeenByCheck, name) {
			t.Errorf("%s: check finds nothing, the kubelet says: %s", name, verdict)
		}
		for _, rule := range found {
			if verdict == accepted && !slices.Contains(strictOnPurpose, rule) {
				t.Errorf("%s: check says %s, the kubelet takes it", name, rule)
			}
		}
	}
}
