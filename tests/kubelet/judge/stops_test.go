// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"regcred/tests/kubelet/kubeletcode"
)

var nodeTest = flag.String("node-test", "", "the program of tests/unit/node")

// Wherever `regcred node install` and `remove` are stopped, this kubelet starts with the files that are there. The node's
// own tests stop them at every write; here this program judges each of these nodes, with the node as its root.
func TestN1_KubeletStartsWhereverAnInstallationStops(t *testing.T) {
	if kubeletcode.Minor() != "1.34" {
		t.Skip("one release is enough: verdicts.json says where they differ")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(*nodeTest, "--gtest_filter=Installer.*killed_at_every_step*")
	program.Env = append(os.Environ(), "KUBELET_JUDGE="+self)
	output, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	judged := regexp.MustCompile(`(?m)^judged (\d+) times$`).FindSubmatch(output)
	if judged == nil {
		t.Fatalf("nothing was judged: %s", output)
	}
	if count, _ := strconv.Atoi(string(judged[1])); count < 80 {
		t.Errorf("only %d nodes were judged", count)
	}
}
