// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"path/filepath"
	"strings"
	"testing"
)

// Four registries with an audience each: the kubelet asks the API server for another token for each of them.
const cloudRegistries = `
apiVersion: regcred/v1
kind: RegistryConfig
defaults: { caFile: "{folder}/all.pem", proxy: none, throttleMemory: off, deadline: 10s }
registries:
  - name: cloudsmith
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    audience: cloudsmith
    settings: { apiHost: "{api}", orgSlug: acme, serviceSlug: puller }
  - name: ecr
    matchImages: ["*.dkr.ecr.*.amazonaws.com"]
    backend: ecr
    audience: sts.amazonaws.com
    settings: { roleArn: "{awsRole}", stsEndpoint: "{aws}", ecrEndpoint: "{aws}" }
  - name: google
    matchImages: ["*.pkg.dev"]
    backend: google
    audience: "https:{googlePool}"
    settings: { audience: "{googlePool}", stsEndpoint: "{google}" }
  - name: acr
    matchImages: ["*.azurecr.io"]
    backend: acr
    audience: api://AzureADTokenExchange
    settings: { tenantId: "{azureTenant}", clientId: "{azureClient}", authorityHost: "{azure}",
                exchangeEndpoint: "https://{azure}" }
`

var cloudImages = map[string]string{ // to the username of the credential
	acmeImage: "token",
	"123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app": "AWS",
	"europe-docker.pkg.dev/acme/images/app":                    "oauth2accesstoken",
	"acmecorp.azurecr.io/team/app":                                 "00000000-0000-0000-0000-000000000000",
}

func nodeWithClouds(t *testing.T) *node {
	t.Helper()
	n := newNode(t)
	ready := serve(t, "clouds", filepath.Join(n.folder, "clouds.pem"), "--issuer", n.issuer, "--service-account", "app")
	n.file("all.pem", string(read(t, filepath.Join(n.folder, "ca.pem")))+string(read(t, filepath.Join(n.folder, "clouds.pem"))))
	config := cloudRegistries
	for name, value := range ready {
		config = strings.ReplaceAll(config, "{"+name+"}", value)
	}
	n.startGenerated(config)
	return n
}

// Each of the four takes tokens for its own audience alone, so a credential from each is the proof.
func TestFourCloudsHaveFourAudiences(t *testing.T) {
	n := nodeWithClouds(t)
	passwords := map[string]bool{}
	for image, username := range cloudImages {
		credential := n.credential("web", "app", image)
		if credential.Username != username || credential.Password == "" {
			t.Errorf("%s: username %q", image, credential.Username)
		}
		passwords[credential.Password] = true
	}
	audiences := map[any]bool{}
	for _, token := range n.issued {
		audience, _ := claimsOf(t, token)["aud"].([]any)
		if len(audience) != 1 {
			t.Errorf("a token for %v", audience)
			continue
		}
		audiences[audience[0]] = true
	}
	if len(passwords) != 4 || len(audiences) != 4 {
		t.Errorf("%d credentials, %d audiences", len(passwords), len(audiences))
	}
}

// No other account gets what this one may have, and no entry steps in for another.
func TestM4_AnAccountThatNoCloudTrustsGetsNothing(t *testing.T) {
	n := nodeWithClouds(t)
	for image := range cloudImages {
		if image == acmeImage {
			continue
		}
		if found := n.pull("web", "build", image); len(found) != 0 {
			t.Errorf("%s: %d credentials", image, len(found))
		}
	}
	for _, words := range []string{"trust policy", "system:serviceaccount:default:build"} {
		if !strings.Contains(n.errors(), words) {
			t.Errorf("%q is not in %s", words, n.errors())
		}
	}
}
