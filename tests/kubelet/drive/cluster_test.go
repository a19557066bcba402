// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// The API server's side: service accounts, and tokens as the kubelet gets them.
type cluster struct {
	issuer    string
	key       *rsa.PrivateKey
	keyID     string
	mutex     sync.Mutex
	accounts  map[string]map[string]string // "namespace/name" to its annotations
	issued    []string                     // every token
	fixedTime int64                        // when set, the same request gives the same token
}

func newKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// The key's ID, as the issuer publishes it.
func publishedKeyID(t *testing.T, issuer string) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(issuer + "/openid/v1/jwks")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var set struct {
		Keys []struct {
			KeyID string `json:"kid"`
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil || len(set.Keys) != 1 {
		t.Fatal("the issuer's keys cannot be read", err)
	}
	return set.Keys[0].KeyID
}

func (c *cluster) ServiceAccount(namespace, name string) (string, map[string]string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	annotations, ok := c.accounts[namespace+"/"+name]
	if !ok {
		return "", nil, fmt.Errorf("serviceaccounts %q not found", name)
	}
	return "uid-of-" + namespace + "-" + name, annotations, nil
}

// A token with the claims of Kubernetes (RFC 7519, TokenRequest).
func (c *cluster) Token(namespace, account, pod, audience string) (string, error) {
	now := c.now()
	encode := func(part map[string]any) string {
		text, err := json.Marshal(part)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := encode(map[string]any{"alg": "RS256", "kid": c.keyID}) + "." + encode(map[string]any{
		"iss": c.issuer, "sub": "system:serviceaccount:" + namespace + ":" + account, "aud": []string{audience},
		"iat": now, "nbf": now, "exp": now + 3600,
		"kubernetes.io": map[string]any{"namespace": namespace, "pod": map[string]string{"name": pod, "uid": "uid-of-" + pod},
			"serviceaccount": map[string]string{"name": account, "uid": "uid-of-" + namespace + "-" + account}}})
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, c.key, crypto.SHA256, digest[:])
	if err != nil {
		return "", err
	}
	token := signed + "." + base64.RawURLEncoding.EncodeToString(signature)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.issued = append(c.issued, token)
	return token, nil
}

func (c *cluster) now() int64 {
	if c.fixedTime != 0 {
		return c.fixedTime
	}
	return time.Now().Unix()
}

// Gives an account annotations, or others than it had.
func (c *cluster) annotate(namespacedName string, annotations map[string]string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.accounts[namespacedName] = annotations
}

// The claims of a token, unverified.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("this is no token: %q", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	claims := map[string]any{}
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(text)).Decode(&claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}
