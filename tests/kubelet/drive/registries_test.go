// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"strings"
	"testing"
)

// Four registries, of two organisations with an audience each, and of two without tokens.
const registries = `
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { caFile: "{folder}/ca.pem", proxy: none, throttleMemory: off, deadline: 10s }
registries:
  - name: acme
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    audience: cloudsmith
    settings: { apiHost: "{api}", orgSlug: acme, serviceSlug: puller }
  - name: globex
    matchImages: [images.globex.example, "*.globex.example:5000"]
    backend: cloudsmith
    audience: globex
    settings: { apiHost: "{api}", orgSlug: globex, serviceSlug: reader,
                registryHosts: [images.globex.example, "eu.globex.example:5000"] }
  - name: internal
    matchImages: ["registry.internal.example:5000"]
    backend: static
    settings: { username: robot, passwordFile: "{folder}/internal.password" }
  - name: hub
    matchImages: [docker.io]
    backend: static
    settings: { username: hub-user, passwordFile: "{folder}/hub.password" }
`

// The providers that `regcred generate kubelet-config` makes of them: one for each audience, and one for the rest.
const (
	ofAcme    = "regcred"
	ofGlobex  = "regcred-globex"
	ofTheRest = "regcred-no-token"
)

const (
	acmeImage     = "docker.cloudsmith.io/acme/apps/web:1.2"
	globexImage   = "images.globex.example/globex/apps/web"
	internalImage = "registry.internal.example:5000/tools/cc:13"
)

func nodeWithRegistries(t *testing.T) *node {
	t.Helper()
	n := newNode(t)
	n.file("internal.password", "internal-password\n")
	n.file("hub.password", "hub-password\n")
	n.startGenerated(registries)
	return n
}

func TestRegistrationTakesOneProviderPerAudience(t *testing.T) {
	n := nodeWithRegistries(t)
	for _, name := range []string{ofAcme, ofGlobex, ofTheRest} {
		if !strings.Contains(n.log(), `"`+name+`"`) {
			t.Errorf("%s was not registered:\n%s", name, n.log())
		}
	}
}

func TestTokenAndAnnotationBecomeACredentialOfTheService(t *testing.T) {
	n := nodeWithRegistries(t)
	for _, row := range []struct{ account, service string }{{"app", "puller"}, {"build", "builder"}} {
		credential := n.credential("pod-of-"+row.account, row.account, acmeImage)
		claims := claimsOf(t, credential.Password)
		if credential.Username != "token" || claims["org"] != "acme" || claims["sub"] != row.service {
			t.Errorf("%s: %s of org %v, service %v", row.account, credential.Username, claims["org"], claims["sub"])
		}
		if credential.ServiceAccountUID != "uid-of-default-"+row.account {
			t.Errorf("pulled images are bound to %q", credential.ServiceAccountUID)
		}
		seen := n.received()
		last := seen[len(seen)-1]
		if last.ServiceSlug != row.service || last.Claims["sub"] != "system:serviceaccount:default:"+row.account {
			t.Errorf("Cloudsmith saw %+v", last)
		}
	}
}

// The generated configuration passes this annotation on; regcred takes no host from it that the operator did not allow.
func TestH7_AnnotationBringsNoHost(t *testing.T) {
	n := nodeWithRegistries(t)
	n.annotate("default/app", map[string]string{"cloudsmith.io/api-host": "evil.example.com"})
	if found := n.pull("web", "app", acmeImage); len(found) != 0 || len(n.received()) != 0 {
		t.Errorf("%+v, %d exchanges", found, len(n.received()))
	}
	if !strings.Contains(n.errors(), "evil.example.com") {
		t.Error(n.errors())
	}
}

func TestLinksGiveEachRegistryItsOwnAudience(t *testing.T) {
	n := nodeWithRegistries(t)
	for image, expected := range map[string]struct{ org, audience string }{
		acmeImage:                                {"acme", "cloudsmith"},
		globexImage:                              {"globex", "globex"},
		"eu.globex.example:5000/globex/apps/web": {"globex", "globex"},
	} {
		if claims := claimsOf(t, n.credential("web", "app", image).Password); claims["org"] != expected.org {
			t.Errorf("%s: org %v", image, claims["org"])
		}
		seen := n.received()
		audience, _ := seen[len(seen)-1].Claims["aud"].([]any)
		if len(audience) != 1 || audience[0] != expected.audience {
			t.Errorf("%s: the token was for %v", image, audience)
		}
	}
	for image, password := range map[string]string{
		internalImage: "internal-password", "nginx:1.27": "hub-password", "docker.io/acme/web": "hub-password"} {
		credential := n.credential("web", "app", image)
		if credential.Password != password || credential.ServiceAccountUID != "" {
			t.Errorf("%s: %+v", image, credential)
		}
	}
	n.expectExecutions(ofAcme, 1)
	n.expectExecutions(ofGlobex, 2)
	n.expectExecutions(ofTheRest, 2)
}

func TestM1_ImagesOfNoPatternAndPodsWithoutAccountDoNotCallUs(t *testing.T) {
	n := nodeWithRegistries(t)
	for _, image := range []string{"docker.cloudsmith.io:443/acme/apps/web", "docker.cloudsmith.io.evil.example/a",
		"registry.internal.example/tools/cc", "a.b.globex.example:5000/x", "quay.io/acme/web"} {
		if found := n.pull("web", "app", image); len(found) != 0 {
			t.Errorf("%s: %+v", image, found)
		}
	}
	if found := n.pull("static-pod", "", acmeImage); len(found) != 0 {
		t.Errorf("a static pod got %+v", found)
	}
	for _, provider := range []string{ofAcme, ofGlobex, ofTheRest} {
		n.expectExecutions(provider, 0)
	}
}

func TestEveryVersionOfTheProtocolIsAnswered(t *testing.T) {
	n := newNode(t)
	n.file("internal.password", "internal-password\n")
	n.file("hub.password", "hub-password\n")
	var providers strings.Builder
	paths := map[string]string{"v1": "stable", "v1beta1": "beta", "v1alpha1": "alpha"}
	for version, path := range paths {
		n.link("regcred-" + version)
		providers.WriteString("  - { name: regcred-" + version + ", apiVersion: credentialprovider.kubelet.k8s.io/" +
			version + ", args: [--config, \"{config}\"],\n      matchImages: [\"registry.internal.example:5000/" + path +
			"\"], defaultCacheDuration: 0s }\n")
	}
	n.start(registries, providers.String())
	for version, path := range paths {
		if got := n.credential("web", "", "registry.internal.example:5000/"+path+"/cc").Password; got != "internal-password" {
			t.Errorf("%s: %q", version, got)
		}
	}
}

// The walkthrough of the provider that regcred replaces: its name, its variables, no file of ours.
func TestThePredecessorsConfigurationGoesOn(t *testing.T) {
	n := newNode(t)
	n.link("cloudsmith-kubernetes-credential-provider")
	n.start("", `
  - name: cloudsmith-kubernetes-credential-provider
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: [docker.cloudsmith.io]
    defaultCacheDuration: 1h
    env:
      - { name: CLOUDSMITH_API_HOST, value: "{api}" }
      - { name: CLOUDSMITH_ORG_SLUG, value: acme }
      - { name: CLOUDSMITH_SERVICE_SLUG, value: puller }
      - { name: SSL_CERT_FILE, value: "{folder}/ca.pem" }
    tokenAttributes:
      serviceAccountTokenAudience: cloudsmith
      cacheType: ServiceAccount
      requireServiceAccount: true
      optionalServiceAccountAnnotationKeys: [cloudsmith.io/service-slug]
`)
	for account, service := range map[string]string{"app": "puller", "build": "builder"} {
		if claims := claimsOf(t, n.credential("web", account, acmeImage).Password); claims["sub"] != service {
			t.Errorf("%s: %v", account, claims)
		}
	}
}

// A backend whose password is the pod's token. The kubelet refuses that unless it caches by token, which is what
// `regcred generate` writes.
func TestM3_TokenAsPasswordIsCachedByTokenOnly(t *testing.T) {
	n := newNode(t)
	n.startGenerated(`
apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: harbor
    matchImages: [harbor.example.com]
    backend: harbor
    audience: harbor.example.com
`)
	for _, pod := range []string{"pod-1", "pod-2"} {
		claims := claimsOf(t, n.credential(pod, "app", "harbor.example.com/apps/web").Password)
		bound, _ := claims["kubernetes.io"].(map[string]any)["pod"].(map[string]any)
		if bound["name"] != pod {
			t.Errorf("%s got the token of %v", pod, bound["name"])
		}
	}
}

// The same with the kubelet's cache for the whole account, as an operator may write it by hand.
func TestL1_TokenAsPasswordIsRefusedByTheKubeletAndNotLogged(t *testing.T) {
	n := newNode(t)
	n.start(`
apiVersion: regcred/v1
kind: RegistryConfig
registries: [{ name: harbor, matchImages: [docker.cloudsmith.io], backend: harbor, audience: cloudsmith,
               settings: { registryHosts: [docker.cloudsmith.io], audiences: [cloudsmith] } }]
`, cloudsmithOfTheKubelet)
	if found := n.pull("pod", "app", acmeImage); len(found) != 0 || !strings.Contains(n.errors(), "not set to 'Token'") {
		t.Errorf("%d credentials: %s", len(found), n.errors())
	}
	for _, piece := range pieces(n.issued[0]) {
		if strings.Contains(n.log(), piece) {
			t.Errorf("%q, a piece of the token, is in the log", piece)
		}
	}
}
