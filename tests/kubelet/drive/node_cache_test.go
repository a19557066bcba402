// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"regcred/tests/kubelet/kubeletcode"
)

// The node of the other tests, whose entry has a node cache of this scope. Exchanges take long enough for all of a
// burst to begin before the first one has ended.
func nodeWithCache(t *testing.T, scope string) *node {
	t.Helper()
	n := newNode(t)
	n.startGenerated(strings.NewReplacer(
		"proxy: none,", "proxy: none, nodeCache: { directory: \"{folder}/cache\", requireTmpfs: false }, throttleMemory: off,",
		"    audience: cloudsmith\n", "    audience: cloudsmith\n    cache: { node: "+scope+" }\n").Replace(`
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { caFile: "{folder}/ca.pem", proxy: none, deadline: 20s }
registries:
  - name: acme
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    audience: cloudsmith
    settings: { apiHost: "{api}", orgSlug: acme, serviceSlug: puller }
`))
	n.fault(`{"delay_ms": 300}`)
	return n
}

// The same burst without the cache makes up to 20 exchanges: burst_test.go.
func TestC3_NodeCacheMakesOneExchangeOfABurst(t *testing.T) {
	n := nodeWithCache(t, "serviceAccount")
	passwords := make([]string, 20)
	within(t, 20*time.Second, func() {
		atOnce(20, func(number int) {
			passwords[number] = n.credential(fmt.Sprint("pod-", number), "app", acmeImage).Password
		})
	})
	t.Logf("the kubelet ran regcred %d times for 20 pods at once", kubeletcode.Executions("regcred"))
	if seen := n.received(); len(seen) != 1 {
		t.Errorf("%d exchanges instead of 1", len(seen))
	}
	for number, password := range passwords {
		if claims := claimsOf(t, password); claims["org"] != "acme" || claims["sub"] != "puller" || password != passwords[0] {
			t.Errorf("pod %d: another credential, of %v", number, claims["sub"])
		}
	}
}

// What the kubelet keeps for one account it asks for no more; what another account gets is its own.
func TestC1_NodeCacheMixesNoAccounts(t *testing.T) {
	n := nodeWithCache(t, "serviceAccount")
	atOnce(20, func(number int) {
		account, service := "app", "puller"
		if number%2 == 1 {
			account, service = "build", "builder"
		}
		if claims := claimsOf(t, n.credential(fmt.Sprint("pod-", number), account, acmeImage).Password); claims["sub"] != service {
			t.Errorf("pod %d of %s: the credential of %v", number, account, claims["sub"])
		}
	})
	if seen := n.received(); len(seen) != 2 {
		t.Errorf("%d exchanges instead of 2", len(seen))
	}
}

func TestC1_NodeCacheByTokenKeepsPodsApart(t *testing.T) {
	n := nodeWithCache(t, "token")
	atOnce(6, func(number int) { n.credential(fmt.Sprint("pod-", number), "app", acmeImage) })
	if seen, ran := len(n.received()), kubeletcode.Executions("regcred"); seen != ran {
		t.Errorf("%d exchanges for %d executions", seen, ran)
	}
}
