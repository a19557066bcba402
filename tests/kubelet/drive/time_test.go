// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"strings"
	"testing"
	"time"
)

// What must not make the kubelet wait: it gives up after 60 s, and not before everybody has closed our outputs.

const troublesome = `
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { backendDirectories: ["{bad}"], deadline: 2s }
registries:
  - { name: child, matchImages: [child.example.com], backend: forks-sleeper }
  - { name: orphan, matchImages: [orphan.example.com], backend: dies-with-sleeper }
  - { name: hang, matchImages: [hang.example.com], backend: sleeps }
  - { name: noise, matchImages: [noise.example.com], backend: floods-stderr }
  - { name: print, matchImages: [print.example.com], backend: writes-stdout }
`

const troublesomeOfTheKubelet = `
  - name: regcred
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ["*.example.com"]
    defaultCacheDuration: 0s
    args: [--config, "{config}"]
`

// Those backends leave a child behind that sleeps for 30 s with every descriptor it could inherit.
func TestI2_ChildrenOfABackendDoNotHoldTheKubelet(t *testing.T) {
	n := newNode(t)
	n.start(troublesome, troublesomeOfTheKubelet)
	within(t, 2*time.Second, func() { n.credential("pod", "", "child.example.com/a") })
	within(t, 2*time.Second, func() { n.pull("pod", "", "orphan.example.com/a") })
	if !strings.Contains(n.errors(), "exited with status 3 without an answer") {
		t.Error(n.errors())
	}
}

func TestH4_BackendThatHangsIsEndedAtTheDeadline(t *testing.T) {
	n := newNode(t)
	n.start(troublesome, troublesomeOfTheKubelet)
	within(t, 4*time.Second, func() { n.pull("pod", "", "hang.example.com/a") })
	if !strings.Contains(n.errors(), "exit status 7") {
		t.Error(n.errors())
	}
}

func TestL5_BackendThatPrintsDoesNotSpoilTheAnswer(t *testing.T) {
	n := newNode(t)
	n.start(troublesome, troublesomeOfTheKubelet)
	for _, image := range []string{"noise.example.com/a", "print.example.com/a"} {
		if got := n.credential("pod", "", image).Username; got != "user" {
			t.Errorf("%s: %q", image, got)
		}
	}
}

func TestH4_StalledServerIsGivenUpBeforeTheKubeletGivesUsUp(t *testing.T) {
	n := newNode(t)
	n.start(strings.Replace(cloudsmithOnly, "deadline: 10s", "deadline: 3s", 1), cloudsmithOfTheKubelet)
	n.fault(`{"delay_ms": 8000}`)
	within(t, 5*time.Second, func() { n.pull("pod", "app", acmeImage) })
	if !strings.Contains(n.errors(), "exit status 7: regcred: ") {
		t.Error(n.errors())
	}
}

// The same with the deadline that is used when the configuration names none: 45 s, so only by `./dev kubelet`.
func TestH4_InDevKubeletOnly_DefaultDeadlineIsBeforeTheKubelets(t *testing.T) {
	n := newNode(t)
	n.start(strings.Replace(cloudsmithOnly, ", deadline: 10s", "", 1), cloudsmithOfTheKubelet)
	n.fault(`{"delay_ms": 70000}`)
	begin := time.Now()
	n.pull("pod", "app", acmeImage)
	if took := time.Since(begin); took < 40*time.Second || took > 50*time.Second {
		t.Errorf("took %s", took)
	}
	if log := n.errors(); !strings.Contains(log, "exit status 7: regcred: ") || strings.Contains(log, "context deadline") {
		t.Error(log)
	}
}
