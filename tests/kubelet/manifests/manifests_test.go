// SPDX-License-Identifier: Apache-2.0

// Package manifests reads what regcred ships and generates for a cluster with Kubernetes' own types, strictly: an unknown
// or doubled key, or a value of another type, is an error.
package manifests

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/v1beta4"
)

var (
	tree   = flag.String("tree", "", "where regcred is installed: bin, lib")
	source = flag.String("source", "", "the project's folder")
)

// Kinds that no API server knows; the kubelet's is judged by the package judge, ours by regcred.
var elsewhere = []string{"\nkind: CredentialProviderConfig\n", "\nkind: RegistryConfig\n",
	"\nkind: PodMonitor\n", "\nkind: PrometheusRule\n"}

func decode(document []byte) (runtime.Object, error) {
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, kubeadm.AddToScheme} {
		if err := add(known); err != nil {
			return nil, err
		}
	}
	object, _, err := serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer().
		Decode(document, nil, nil)
	return object, err
}

// The objects of a file of several documents.
func objects(t *testing.T, name string, text []byte) []runtime.Object {
	t.Helper()
	var found []runtime.Object
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if isElsewhere(document) {
			continue
		}
		object, err := decode(document)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found = append(found, object)
	}
}

func isElsewhere(document []byte) bool {
	for _, kind := range elsewhere {
		if bytes.Contains(document, []byte(kind)) {
			return true
		}
	}
	return false
}

func TestEveryShippedManifestIsOfKubernetesTypes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(*source, "config/kubernetes/*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	charts, err := filepath.Glob(filepath.Join(*source, "tests/chart/golden/*.yaml"))
	if err != nil || len(charts) < 4 {
		t.Fatal(len(charts), "renderings of the chart", err)
	}
	files = append(files, charts...)
	read := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read += len(objects(t, filepath.Base(file), text))
	}
	if read < 5 {
		t.Errorf("only %d objects in config/kubernetes", read)
	}
}

const config = `
apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: acme
    matchImages: [docker.cloudsmith.io]
    backend: cloudsmith
    audience: cloudsmith
    settings: { orgSlug: acme }
  - name: url
    matchImages: [harbor.example.com]
    backend: harbor
    audience: https://harbor.example.com
`

func generate(t *testing.T, arguments ...string) []runtime.Object {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	program := exec.Command(filepath.Join(*tree, "bin/regcred"),
		append(append([]string{"generate"}, arguments...), "--config", path)...)
	var complaints strings.Builder
	program.Stderr = &complaints
	text, err := program.Output()
	if err != nil {
		t.Fatal(arguments, err, complaints.String())
	}
	return objects(t, strings.Join(arguments, " "), text)
}

func TestGeneratedRbacIsOfKubernetesTypesAndMinimal(t *testing.T) {
	for _, arguments := range [][]string{{"rbac"}, {"rbac", "--namespace", "purple-team"}} {
		found := generate(t, arguments...)
		if len(found) != 2 {
			t.Fatalf("%v: %d objects", arguments, len(found))
		}
		var rules []rbac.PolicyRule
		switch role := found[0].(type) {
		case *rbac.ClusterRole:
			rules = role.Rules
		case *rbac.Role:
			rules = role.Rules
			if role.Namespace != "purple-team" {
				t.Error("the role is of namespace", role.Namespace)
			}
		default:
			t.Fatalf("%v: %T", arguments, found[0])
		}
		if len(rules) != 1 || strings.Join(rules[0].Verbs, " ") != "request-serviceaccounts-token-audience" ||
			strings.Join(rules[0].Resources, " ") != "cloudsmith https://harbor.example.com" {
			t.Errorf("%v: %+v", arguments, rules)
		}
	}
}

func TestGeneratedServiceAccountIsOfKubernetesTypes(t *testing.T) {
	found := generate(t, "service-account", "app", "--namespace", "purple-team", "--annotation",
		"cloudsmith.io/service-slug=yes: no")
	account, ok := found[0].(*core.ServiceAccount)
	if !ok || len(found) != 1 || account.Name != "app" || account.Namespace != "purple-team" ||
		account.Annotations["cloudsmith.io/service-slug"] != "yes: no" {
		t.Errorf("%+v", found)
	}
}

// That the reader above refuses what it should.
func TestReaderRefusesWhatKubernetesDoesNotKnow(t *testing.T) {
	for name, document := range map[string]string{
		"unknown key":   "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, anotations: {} }\n",
		"other type":    "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, annotations: { a: 1 } }\n",
		"key twice":     "apiVersion: v1\nkind: ServiceAccount\nkind: ServiceAccount\n",
		"unknown kind":  "apiVersion: v1\nkind: ServiceAcount\n",
		"kubeadm's key": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nextraArgs: []\n",
	} {
		if object, err := decode([]byte(document)); err == nil {
			t.Errorf("%s: read as %T", name, object)
		}
	}
}
