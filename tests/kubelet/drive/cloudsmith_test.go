// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Organisations that trust the cluster: two for one audience, one for its own.
const organisations = `{"organisations": {
  "acme": {
    "oidc": [{"provider_url": "{issuer}", "claims": {"aud": "cloudsmith", "sub": "system:serviceaccount:default:.*"},
              "service_accounts": ["puller", "builder"]}],
    "services": {"puller": ["apps"], "builder": ["apps"]}},
  "initech": {
    "oidc": [{"provider_url": "{issuer}", "claims": {"aud": "cloudsmith"}, "service_accounts": ["puller"]}],
    "services": {"puller": ["apps"]}},
  "globex": {
    "oidc": [{"provider_url": "{issuer}", "claims": {"aud": "globex"}, "service_accounts": ["reader"]}],
    "services": {"reader": ["apps"]}}}, "publishers": {}}`

// One exchange as the emulated Cloudsmith saw it.
type exchange struct {
	Org         string `json:"org"`
	ServiceSlug string `json:"service_slug"`
	Claims      map[string]any
	Status      int
	WhyRefused  string `json:"why_refused"`
}

type cloudsmith struct {
	t       *testing.T
	apiHost string
	client  http.Client
}

// Starts the emulator in one of its roles, and gives what it says when it is ready. It ends with the test.
func serve(t *testing.T, arguments ...string) map[string]string {
	t.Helper()
	program := exec.Command(*emulator, arguments...)
	input, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	program.Stderr = os.Stderr
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		killer := time.AfterFunc(2*time.Second, func() { _ = program.Process.Kill() })
		defer killer.Stop()
		_ = program.Wait()
	})
	ready := map[string]string{}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		t.Fatalf("the emulator did not start as %v: %v", arguments, err)
	}
	return ready
}

func startCloudsmith(t *testing.T, folder, issuer string) *cloudsmith {
	t.Helper()
	file := filepath.Join(folder, "organisations.json")
	write(t, file, organisations)
	ready := serve(t, "cloudsmith", folder, "--organisations", file, "--issuer", issuer)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(read(t, filepath.Join(folder, "ca.pem")))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	return &cloudsmith{t, ready["apiHost"], http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

// What the emulator is to do instead of, or besides, the right answer: a Fault of tests/emulator/fault.hpp as JSON.
func (c *cloudsmith) fault(fault string) {
	c.steer(http.MethodPut, "/emulator/fault", fault)
}

func (c *cloudsmith) received() []exchange {
	var seen []exchange
	if err := json.Unmarshal(c.steer(http.MethodGet, "/emulator/received", ""), &seen); err != nil {
		c.t.Fatal(err)
	}
	return seen
}

func (c *cloudsmith) steer(method, path, body string) []byte {
	c.t.Helper()
	request, err := http.NewRequest(method, "https://"+c.apiHost+path, bytes.NewBufferString(body))
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		c.t.Fatal(answer.Status, string(text), err)
	}
	return text
}
