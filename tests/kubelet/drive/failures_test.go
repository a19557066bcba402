// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"regcred/tests/kubelet/kubeletcode"
)

// One registry for each way to fail.
const failingRegistries = `
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { caFile: "{folder}/ca.pem", proxy: none, throttleMemory: off, deadline: 2s, backendDirectories: ["{bad}"] }
registries:
  - name: acme
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    audience: cloudsmith
    settings: { apiHost: "{api}", orgSlug: acme, serviceSlug: puller }
  - { name: nobody, matchImages: [nobody.cloudsmith.io], backend: cloudsmith, audience: cloudsmith,
      settings: { apiHost: "localhost:1", orgSlug: acme, serviceSlug: puller } }
  - { name: other-audience, matchImages: [audience.example.com], backend: good, audience: another }
  - { name: no-setting, matchImages: [setting.cloudsmith.io], backend: cloudsmith, settings: { orgSlag: acme } }
  - { name: missing, matchImages: [missing.example.com], backend: does-not-exist }
  - { name: wrong-abi, matchImages: [abi.example.com], backend: wrong-major }
  - { name: crash, matchImages: [crash.example.com], backend: segfaults }
  - { name: leak, matchImages: [leak.example.com], backend: leaks-token }
  - { name: scoped, matchImages: [foreign.example.com], backend: foreign-registry }
  - { name: sleeps, matchImages: [sleeps.example.com], backend: sleeps }
  - { name: floods, matchImages: [floods.example.com], backend: floods-result }
`

const failingOfTheKubelet = `
  - name: regcred
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["*.cloudsmith.io", "*.example.com"]
    defaultCacheDuration: 1h
    args: [--config, "{config}"]
    tokenAttributes:
      serviceAccountTokenAudience: cloudsmith
      cacheType: ServiceAccount
      requireServiceAccount: true
  - name: regcred-broken
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [broken.registry.example]
    defaultCacheDuration: 1h
    args: [--config, "{folder}/broken.yaml"]
  - name: regcred-usage
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [usage.registry.example]
    defaultCacheDuration: 1h
    args: [--no-such-option]
`

const none = "{}"

type failure struct {
	image  string
	fault  string // of Cloudsmith
	status int    // regcred's; 0: the deadline may have come first
	says   string // part of the one line
}

var failures = []failure{
	{"usage.registry.example/a", none, 2, "--no-such-option"},
	{"broken.registry.example/a", none, 3, "broken.yaml:3:1: "},
	{"setting.cloudsmith.io/a", none, 3, "orgSlag"},
	{"nowhere.example.com/a", none, 4, "nowhere.example.com/a"},
	{"missing.example.com/a", none, 5, "there is no does-not-exist.so in"},
	{"abi.example.com/a", none, 5, "built for backend ABI 2.7"},
	{"docker.cloudsmith.io/a", `{"status": 401, "body": "{\"detail\":\"canary-of-the-body\"}"}`, 6, "OIDC setting"},
	{"docker.cloudsmith.io/a", `{"status": 429, "body": "{}", "retry_after": "3304"}`, 6, "wait until 20"},
	{"docker.cloudsmith.io/a", `{"status": 500, "body": "canary-of-the-body"}`, 6, " tries): it is failing"},
	{"docker.cloudsmith.io/a", `{"status": 201, "body": "canary-of-the-body"}`, 6, "not a JSON object"},
	{"docker.cloudsmith.io/a", `{"status": 307, "location": "https://evil.example.com/?canary-of-the-body"}`, 6,
		`to host "evil.example.com"`},
	{"audience.example.com/a", none, 3, `is for audience "cloudsmith", not for "another"`},
	{"crash.example.com/a", none, 6, "crashed (signal 11"},
	{"leak.example.com/a", none, 6, "[redacted]"},
	{"foreign.example.com/a", none, 6, "registry.evil.example"},
	{"floods.example.com/a", none, 6, "too much data"},
	{"nobody.cloudsmith.io/a", none, 0, "no connection to localhost:1"},
	{"sleeps.example.com/a", none, 7, "gave no answer in time"},
	{"docker.cloudsmith.io/a", `{"delay_ms": 5000, "status": 500}`, 7, "localhost"},
}

func nodeWithFailures(t *testing.T, moreOfDefaults string) *node {
	t.Helper()
	n := newNode(t)
	n.link("regcred-broken")
	n.link("regcred-usage")
	n.file("broken.yaml", "apiVersion: regcred/v1\nkind: RegistryConfig\nregistry: []\n")
	n.start(strings.Replace(failingRegistries, "proxy: none", "proxy: none"+moreOfDefaults, 1), failingOfTheKubelet)
	return n
}

// Every failure of ours is one error of the kubelet's log that tells provider, image, exit status and our line, and the
// pull goes on without credentials.
func TestL2_L6_FailuresAreReportedByTheKubelet(t *testing.T) {
	n := nodeWithFailures(t, "")
	for _, row := range failures {
		n.fault(row.fault)
		before := len(n.errors())
		if found := n.pull("pod", "app", row.image); len(found) != 0 {
			t.Errorf("%s %s: credentials %+v", row.image, row.fault, found)
		}
		reported := n.errors()[before:]
		for _, words := range []string{"error execing credential provider plugin regcred", row.image,
			exitStatus(row.status), "regcred: ", row.says} {
			if !strings.Contains(unquoted(reported), words) {
				t.Errorf("%s %s: the log does not say %q:\n%s", row.image, row.fault, words, reported)
			}
		}
		if lines := strings.Count(strings.TrimSpace(reported), "\n") + 1; lines != 1 {
			t.Errorf("%s: %d lines in the log:\n%s", row.image, lines, reported)
		}
	}
	all := kubeletcode.Failures("regcred") + kubeletcode.Failures("regcred-usage") + kubeletcode.Failures("regcred-broken")
	if all != len(failures) {
		t.Errorf("the kubelet's metric counts %d failures of %d", all, len(failures))
	}
}

func exitStatus(status int) string {
	if status == 0 {
		return "exit status "
	}
	return fmt.Sprintf("exit status %d: ", status)
}

// The log without the quoting of klog's values, which 1.37 uses for the whole error.
func unquoted(log string) string {
	return strings.NewReplacer(`\"`, `"`, `\n`, "\n").Replace(log)
}

// With the kubelet's log in full, our log level at debug, and every way to fail, a good pull included.
func TestL1_NoSecretReachesTheKubeletsLog(t *testing.T) {
	n := nodeWithFailures(t, ", logLevel: debug")
	passwords := []string{n.credential("pod", "app", acmeImage).Password}
	for _, row := range failures {
		n.fault(row.fault)
		n.annotate("default/app", map[string]string{"cloudsmith.io/service-slug": "x"}) // not the cached one again
		n.pull("pod", "app", row.image)
	}
	log := n.log()
	if !strings.Contains(log, "leak.example.com") {
		t.Fatal("nothing was logged:", log)
	}
	for _, secret := range append(passwords, n.issued...) {
		for _, piece := range pieces(secret) {
			if strings.Contains(log, piece) {
				t.Errorf("%q, a piece of a token, is in the log:\n%s", piece, lineWith(log, piece))
				break
			}
		}
	}
	if strings.Contains(log, "canary-of-the-body") {
		t.Error("a response's body is in the log")
	}
}

// What would give a token away: runs of 16 characters of its claims and its signature, and the claims in the clear.
func pieces(token string) []string {
	parts := strings.Split(token, ".")
	var found []string
	for _, part := range parts[1:] {
		for at := 0; at+16 <= len(part); at += 8 {
			found = append(found, part[at:at+16])
		}
	}
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	return append(found, string(claims), `"kubernetes.io"`)
}

func lineWith(text, piece string) string {
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, piece) {
			return line
		}
	}
	return ""
}
