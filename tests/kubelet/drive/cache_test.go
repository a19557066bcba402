// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"strings"
	"testing"
)

// One cache: what the kubelet keeps of our answers, seen in how often it runs us.

const cloudsmithOnly = `
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { caFile: "{folder}/ca.pem", proxy: none, throttleMemory: off, deadline: 10s }
registries:
  - name: acme
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    cache: { maxDuration: 2h }
    settings: { apiHost: "{api}", orgSlug: acme, serviceSlug: puller }
`

const cloudsmithOfTheKubelet = `
  - name: regcred
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [docker.cloudsmith.io]
    defaultCacheDuration: 1h
    args: [--config, "{config}"]
    tokenAttributes:
      serviceAccountTokenAudience: cloudsmith
      cacheType: ServiceAccount
      requireServiceAccount: true
      optionalServiceAccountAnnotationKeys: [cloudsmith.io/service-slug]
`

func nodeWithCloudsmith(t *testing.T) *node {
	t.Helper()
	n := newNode(t)
	n.start(cloudsmithOnly, cloudsmithOfTheKubelet)
	return n
}

func TestCacheIsSharedByTheImagesOfARegistryAndByThePodsOfAnAccount(t *testing.T) {
	n := nodeWithCloudsmith(t)
	for _, image := range []string{"web", "web:2", "worker", "deep/path/cc"} {
		for _, pod := range []string{"pod-1", "pod-2"} {
			n.credential(pod, "app", "docker.cloudsmith.io/acme/apps/"+image)
		}
	}
	n.expectExecutions("regcred", 1)
}

// The organisation is part of the image's path: the credential of one is not used for an image of the other.
func TestM2b_CacheIsNotSharedByOrganisationsOfOneHost(t *testing.T) {
	n := newNode(t)
	n.start(strings.Replace(cloudsmithOnly, "orgSlug: acme, ", "", 1), cloudsmithOfTheKubelet)
	for range 2 {
		for _, org := range []string{"acme", "initech"} {
			got := n.credential("pod", "app", "docker.cloudsmith.io/"+org+"/apps/web").Password
			if claims := claimsOf(t, got); claims["org"] != org {
				t.Errorf("an image of %s got the credential of %v", org, claims["org"])
			}
		}
	}
	n.expectExecutions("regcred", 2)
}

// With a fixed organisation the path decides nothing: one credential serves all.
func TestM2b_CacheIsSharedWhenTheOrganisationIsFixed(t *testing.T) {
	n := nodeWithCloudsmith(t)
	for _, path := range []string{"acme/apps/web", "initech/apps/web"} {
		n.credential("pod", "app", "docker.cloudsmith.io/"+path)
	}
	n.expectExecutions("regcred", 1)
}

func TestM4_CacheIsNotSharedByAccounts(t *testing.T) {
	n := nodeWithCloudsmith(t)
	for range 2 {
		for account, service := range map[string]string{"app": "puller", "build": "builder"} {
			if claims := claimsOf(t, n.credential("pod", account, acmeImage).Password); claims["sub"] != service {
				t.Errorf("%s got the credential of %v", account, claims["sub"])
			}
		}
	}
	n.expectExecutions("regcred", 2)
}

func TestCacheEndsWhenAnAnnotationChanges(t *testing.T) {
	n := nodeWithCloudsmith(t)
	n.credential("pod", "app", acmeImage)
	n.annotate("default/app", map[string]string{"cloudsmith.io/service-slug": "builder", "not": "passed on"})
	n.credential("pod", "app", acmeImage)
	n.annotate("default/app", map[string]string{"cloudsmith.io/service-slug": "builder", "not": "looked at"})
	if claims := claimsOf(t, n.credential("pod", "app", acmeImage).Password); claims["sub"] != "builder" {
		t.Errorf("the credential is of %v", claims["sub"])
	}
	n.expectExecutions("regcred", 2)
}

func TestCacheOfTypeTokenIsForOnePod(t *testing.T) {
	n := newNode(t)
	n.start(cloudsmithOnly, strings.Replace(cloudsmithOfTheKubelet, "cacheType: ServiceAccount", "cacheType: Token", 1))
	for _, pod := range []string{"pod-1", "pod-2", "pod-3"} {
		n.credential(pod, "app", acmeImage)
	}
	n.expectExecutions("regcred", 3)
}

func TestCacheIsOffWhenTheEntrySaysSo(t *testing.T) {
	n := newNode(t)
	n.start(strings.Replace(cloudsmithOnly, "maxDuration: 2h", "maxDuration: 0s", 1), cloudsmithOfTheKubelet)
	for range 3 {
		n.credential("pod", "app", acmeImage)
	}
	n.expectExecutions("regcred", 3)
}

// A credential that lives 61 s more is kept for 1 s.
func TestM3_CacheEndsBeforeTheCredential(t *testing.T) {
	n := nodeWithCloudsmith(t)
	n.fault(`{"token_lifetime": 60}`)
	for range 2 {
		n.credential("pod", "app", acmeImage)
	}
	n.expectExecutions("regcred", 2)
	n.fault(`{"token_lifetime": 120}`)
	for range 3 {
		n.credential("pod", "app", acmeImage)
	}
	n.expectExecutions("regcred", 3)
}

func TestL6_FailuresAreNotCached(t *testing.T) {
	n := nodeWithCloudsmith(t)
	n.fault(`{"status": 403, "body": "{}"}`)
	for range 2 {
		if found := n.pull("pod", "app", acmeImage); len(found) != 0 {
			t.Errorf("credentials: %+v", found)
		}
	}
	n.fault(`{}`)
	n.credential("pod", "app", acmeImage)
	n.expectExecutions("regcred", 3)
}

const twoEntriesOfOneHost = `
apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: tools
    matchImages: [registry.example.com/tools]
    backend: static
    settings: { username: tools, passwordFile: "{folder}/internal.password" }
  - name: rest
    matchImages: [registry.example.com]
    backend: static
    settings: { username: rest, passwordFile: "{folder}/internal.password" }
`

const wholeHostOfTheKubelet = `
  - name: regcred
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [registry.example.com]
    defaultCacheDuration: 1h
    args: [--config, "{config}"]
`

// The kubelet's cache of one entry must not answer for the other.
func TestM2_CacheOfOneEntryIsNotUsedForAnotherOfTheSameHost(t *testing.T) {
	n := newNode(t)
	n.file("internal.password", "internal-password\n")
	n.start(twoEntriesOfOneHost, wholeHostOfTheKubelet)
	for range 2 {
		for image, username := range map[string]string{"tools/cc": "tools", "apps/web": "rest", "tools/ld": "tools"} {
			if got := n.credential("pod", "", "registry.example.com/"+image).Username; got != username {
				t.Errorf("%s: %s", image, got)
			}
		}
	}
	n.expectExecutions("regcred", 3)
}

func TestAnswerWithoutCredentialsIsNotCached(t *testing.T) {
	n := newNode(t)
	n.start(`
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { backendDirectories: ["{bad}"] }
registries: [{ name: public, matchImages: [registry.example.com], backend: abstains }]
`, wholeHostOfTheKubelet)
	for range 2 {
		if found := n.pull("pod", "", "registry.example.com/apps/web"); len(found) != 0 || n.errors() != "" {
			t.Errorf("%+v %s", found, n.errors())
		}
	}
	n.expectExecutions("regcred", 2)
}
