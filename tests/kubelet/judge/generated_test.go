// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"regcred/tests/kubelet/kubeletcode"
)

var (
	tree   = flag.String("tree", "", "where regcred is installed: bin, lib")
	source = flag.String("source", "", "the project's folder")
)

// A bin directory with a program for each provider of this configuration.
func binDirFor(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range regexp.MustCompile(`(?m)^  - name: "?([\w.-]+)`).FindAllStringSubmatch(config, -1) {
		if err := os.Symlink(filepath.Join(*tree, "bin/regcred"), filepath.Join(dir, name[1])); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func examples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(*source, "config/examples/*.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatal(len(files), "examples", err)
	}
	return files
}

// What `regcred generate kubelet-config` writes for each of our examples and this Kubernetes starts this kubelet.
func TestGeneratedConfigurationsAreAccepted(t *testing.T) {
	minor := kubeletcode.Minor()
	generated := 0
	for _, example := range examples(t) {
		text, err := os.ReadFile(example)
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir() // of this user, and with the mode that regcred asks for
		config, out := filepath.Join(folder, "config.yaml"), filepath.Join(folder, "credential-provider.yaml")
		if err := os.WriteFile(config, text, 0o600); err != nil {
			t.Fatal(err)
		}
		program := exec.Command(filepath.Join(*tree, "bin/regcred"), "generate", "kubelet-config", "--config", config,
			"--kubernetes-version", minor)
		var complaints strings.Builder
		program.Stderr = &complaints
		written, err := program.Output()
		if err != nil && strings.Contains(complaints.String(), "the kubelet sends none in Kubernetes before 1.33") {
			continue // all entries of this example need tokens
		}
		if err != nil {
			t.Errorf("%s: %v %s", filepath.Base(example), err, complaints.String())
			continue
		}
		if err := os.WriteFile(out, written, 0o600); err != nil {
			t.Fatal(err)
		}
		if said := verdict(out, binDirFor(t, string(written))); said != accepted {
			t.Errorf("%s: %s\n%s", filepath.Base(example), said, written)
		}
		generated++
	}
	if generated == 0 {
		t.Error("nothing was generated")
	}
}

// The files of the walkthrough: the one for 1.33 there, the others from 1.34 on.
func TestShippedConfigurationsAreAccepted(t *testing.T) {
	minor := kubeletcode.Minor()
	files, err := filepath.Glob(filepath.Join(*source, "config/kubernetes/credential-provider-config*.yaml"))
	if err != nil || len(files) < 2 {
		t.Fatal(len(files), "files in config/kubernetes", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		expected := kubeletcode.HasTokens && strings.Contains(file, "-1.33.") == (minor == "1.33")
		if said := verdict(file, binDirFor(t, string(text))); (said == accepted) != expected && minor >= "1.32" {
			t.Errorf("%s: %s", filepath.Base(file), said)
		}
	}
}
