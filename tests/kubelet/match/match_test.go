// SPDX-License-Identifier: Apache-2.0

// Package match compares regcred's matcher with the kubelet's.
package match

import (
	"bytes"
	"flag"
	"os/exec"
	"strings"
	"testing"

	"regcred/tests/kubelet/kubeletcode"
)

var matcher = flag.String("matcher", "", "the program kubelet_matcher")

// What regcred's matcher prints for this input.
func ours(t *testing.T, mode, input string) []string {
	t.Helper()
	program := exec.Command(*matcher, mode)
	program.Stdin = strings.NewReader(input)
	var complaints bytes.Buffer
	program.Stderr = &complaints
	output, err := program.Output()
	if err != nil {
		t.Fatal(err, complaints.String())
	}
	return strings.Split(strings.TrimSuffix(string(output), "\n"), "\n")
}

func theirs(pattern, image string) string {
	if kubeletcode.CheckText(pattern) != nil {
		return "unusable"
	}
	if matches, err := kubeletcode.Matches(pattern, image); err == nil && matches {
		return "match"
	}
	return "no"
}

// Go's net/url takes a host with two colons in modules of Go before 1.26 (GODEBUG urlstrictcolons), so the kubelet does
// up to 1.35. Such a pattern matches nothing that a pod can name, and regcred refuses it for all. True: this is one.
func onlyOlderKubeletsTake(pattern string) bool {
	authority, _, _ := strings.Cut(pattern, "/")
	return kubeletcode.CheckText("a:1:2") == nil && strings.Count(authority, ":") > 1
}

func TestM1_TheTableOfOurUnitTestsIsTheKubelets(t *testing.T) {
	rows := ours(t, "table", "")
	if len(rows) < 80 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		part := strings.Split(row, "\t")
		if expected := theirs(part[0], part[1]); expected != part[2] && !onlyOlderKubeletsTake(part[0]) {
			t.Errorf("pattern %q, image %q: %s, the kubelet says %s", part[0], part[1], part[2], expected)
		}
	}
}

// Compares every pattern with every image; at least matchesMin must match, else nothing was shown.
func compare(t *testing.T, patterns, images []string, matchesMin int) {
	t.Helper()
	var input strings.Builder
	for _, pattern := range patterns {
		input.WriteString("=" + pattern + "\n")
	}
	var readable []string // no pod has an image that cannot be taken apart
	for _, image := range images {
		if image != "" && kubeletcode.CheckText(image) == nil {
			readable = append(readable, image)
		}
	}
	input.WriteString("\n" + strings.Join(readable, "\n") + "\n")
	answers := ours(t, "matrix", input.String())
	if len(answers) != len(patterns) {
		t.Fatalf("%d answers for %d patterns", len(answers), len(patterns))
	}
	matches, differences := 0, 0
	for at, pattern := range patterns {
		if unusable := kubeletcode.CheckText(pattern) != nil; unusable || answers[at] == "unusable" {
			if unusable != (answers[at] == "unusable") && !onlyOlderKubeletsTake(pattern) {
				t.Errorf("pattern %q: unusable %t to the kubelet, %s", pattern, unusable, answers[at])
			}
			continue
		}
		for number, image := range readable {
			expected := theirs(pattern, image) == "match"
			if expected {
				matches++
			}
			if expected != (answers[at][number] == '1') && differences < 20 {
				differences++
				t.Errorf("pattern %q, image %q: the kubelet says %t", pattern, image, expected)
			}
		}
	}
	if matches < matchesMin {
		t.Errorf("only %d of %d pairs match", matches, len(patterns)*len(readable))
	}
	t.Logf("%d patterns, %d images, %d matches", len(patterns), len(readable), matches)
}

// Every text over `alphabet` of at most `size` characters.
func allTexts(alphabet string, size int) []string {
	texts := []string{""}
	for from := 0; size > 0; size-- {
		to := len(texts)
		for ; from < to; from++ {
			for _, character := range alphabet {
				texts = append(texts, texts[from]+string(character))
			}
		}
	}
	return texts
}

func TestM1_EverySmallPatternWithEverySmallImage(t *testing.T) {
	compare(t, allTexts("ab*.:/1", 4), allTexts("a1.:/", 4), 5000)
}

func TestM1_EveryGlobOfOneLabel(t *testing.T) {
	compare(t, allTexts("ab*", 6), allTexts("ab", 6), 5000)
}

func TestM1_EverySmallPatternOfUrlSyntax(t *testing.T) {
	compare(t, allTexts("a*1%26?#@[]:/. ", 3), []string{"a", "a:1", "a/b", "1", "a/a1", "a.a/a", "b"}, 500)
}

// Real hosts, with each piece replaced, doubled, cut or globbed.
func TestM1_PatternsMadeFromImages(t *testing.T) {
	images := []string{"docker.io/library/nginx", "docker.cloudsmith.io/acme/apps/web", "eu.gcr.io/p/i", "localhost/x",
		"localhost:5000/x", "172.18.0.10:5000/x/y", "registry.example.com:443/team/app", "a-b.c--d.io/x_y/z", "[fd00::1]:5000/x"}
	var patterns []string
	for _, image := range images {
		for at := range image {
			patterns = append(patterns, image[:at], image[at:], image[:at]+"*"+image[at+1:], image[:at]+"*"+image[at:],
				image[:at]+strings.ToUpper(image[at:]), image[:at]+image[at+1:], image[:at]+image[at:at+1]+image[at:])
		}
	}
	compare(t, patterns, append(images, patterns...), 5000)
}

// What a pod may name, as the kubelet hands it to a provider.
func TestM1_ImagesAreReadAsTheKubeletReadsThem(t *testing.T) {
	images := []string{"nginx", "nginx:1.27", "acme/web", "docker.io/nginx", "docker.io/acme/web:1", "index.docker.io/nginx",
		"index.docker.io/acme/web", "localhost/x", "localhost:5000/x:1", "registry/x", "registry:5000/x", "gcr.io/p/i:v1",
		"gcr.io/p/i@sha256:" + strings.Repeat("0a", 32), "gcr.io/p/i:v1@sha256:" + strings.Repeat("0a", 32),
		"gcr.io/p/i@sha256:short", "Registry.example.com/x", "registry.example.com/Upper", "UPPER", "a/b/c/d", "a//b", "/a",
		"a/", "", ":1", "a:b:c", "https://reg.io/x", "reg.io/x:" + strings.Repeat("t", 128), "reg.io/x:" + strings.Repeat("t", 129),
		"reg.io/a__b", "reg.io/a___b", "reg.io/a.b", "reg.io/a..b", "reg.io/a-b", "reg.io/a--b", "reg.io/-a", "[fd00::1]:5000/x",
		"[fd00::1]/x", strings.Repeat("a", 64), strings.Repeat("0a", 32), "reg.io/" + strings.Repeat("a", 248), "reg_io/x",
		"reg.io:/x", "reg.io:port/x", "library/nginx", "docker.io/library/nginx", "reg.io", "reg.io:5000", "a.b/c:d/e", "x@y"}
	if kubeletcode.Minor() >= "1.32" {
		images = append(images, "reg.io/"+strings.Repeat("a", 255)) // before, the host counted, too
	}
	for _, host := range allTexts("aA.:1-", 4) {
		images = append(images, host, host+"/a", host+"/a:1")
	}
	answers := ours(t, "normalise", strings.Join(images, "\n")+"\n")
	for at, image := range images {
		expected, err := kubeletcode.Repository(image)
		if err != nil {
			expected = "unusable"
		}
		if answers[at] != expected {
			t.Errorf("%q: %s, the kubelet says %s", image, answers[at], expected)
		}
	}
}
