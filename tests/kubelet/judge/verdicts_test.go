// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"regcred/tests/kubelet/kubeletcode"
)

var record = flag.Bool("record", false, "write verdicts.json instead of comparing with it")

// The test program is judge, too, when it is called with judge's two arguments: each verdict needs a process.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && !strings.HasPrefix(os.Args[1], "-") {
		main()
		return
	}
	os.Exit(m.Run())
}

// What the kubelets say of one case: "accepted", or the reason, to the releases that say so ("1.34"), in order.
type verdicts map[string][]string

func (v verdicts) of(release string) string {
	for said, releases := range v {
		if slices.Contains(releases, release) {
			return said
		}
	}
	return "nothing"
}

func (v verdicts) set(release, said string) {
	for other, releases := range v {
		if v[other] = slices.DeleteFunc(releases, func(one string) bool { return one == release }); len(v[other]) == 0 {
			delete(v, other)
		}
	}
	v[said] = append(v[said], release)
	slices.Sort(v[said])
}

const verdictsFile = "verdicts.json" // also read by the tests of `regcred check`

func readVerdicts(t *testing.T) map[string]verdicts {
	t.Helper()
	all := map[string]verdicts{}
	text, err := os.ReadFile(verdictsFile)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !*record {
		t.Fatal(err)
	}
	return all
}

// Programs with the names that the cases use.
func binDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{
		"regcred": 0o755, "regcred-b": 0o755, "regcred-c": 0o755, "42": 0o755, "not-executable": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/false\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var (
	logHead = regexp.MustCompile(`^F[^\]]*\] `) // of a fatal line
	oneOf   = regexp.MustCompile(`supported values: .*`)
)

// The kubelet's word on this configuration, without what is different in every run.
func verdict(config, bin string) string {
	said, _ := exec.Command(os.Args[0], config, bin).CombinedOutput()
	text := strings.NewReplacer(config, "CONFIG", bin, "BIN_DIR").Replace(strings.TrimSpace(string(said)))
	return oneOf.ReplaceAllStringFunc(logHead.ReplaceAllString(text, ""), func(list string) string {
		values := strings.Split(strings.TrimPrefix(list, "supported values: "), ", ")
		slices.Sort(values) // up to 1.32 in any order
		return "supported values: " + strings.Join(values, ", ")
	})
}

// Holds verdicts.json to the kubelet: every case of cases/, by the code of this release.
func TestVerdictsAreTheKubelets(t *testing.T) {
	minor := kubeletcode.Minor()
	known := readVerdicts(t)
	bin := binDir(t)
	cases, err := os.ReadDir("cases")
	if err != nil || len(cases) < 50 {
		t.Fatal("too few cases", err)
	}
	for _, entry := range cases {
		said := verdict(filepath.Join("cases", entry.Name()), bin)
		name := strings.TrimSuffix(entry.Name(), ".yaml")
		if *record {
			if known[name] == nil {
				known[name] = verdicts{}
			}
			known[name].set(minor, said)
		} else if recorded := known[name].of(minor); said != recorded {
			t.Errorf("%s: the kubelet of %s says:\n  %s\nrecorded is:\n  %s", name, minor, said, recorded)
		}
	}
	if *record {
		writeVerdicts(t, known)
	} else if len(known) != len(cases) {
		t.Errorf("%s has %d cases, cases/ has %d", verdictsFile, len(known), len(cases))
	}
}

func writeVerdicts(t *testing.T, all map[string]verdicts) {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(all)
	if err == nil {
		err = os.WriteFile(verdictsFile, []byte(text.String()), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
