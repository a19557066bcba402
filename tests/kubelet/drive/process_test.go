// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var (
	tree          = flag.String("tree", "", "where regcred is installed: bin, lib")
	emulator      = flag.String("emulator", "", "the program regcred-emulator")
	badBackends   = flag.String("bad-backends", "", "directory with the backends of tests/loader")
	ownProcessKey = "REGCRED_TEST_IN_ITS_OWN_PROCESS"
)

// A kubelet reads its configuration once, and its providers are global: so each test runs in a process of its own.
func TestMain(m *testing.M) {
	flag.Parse()
	listing := flag.Lookup("test.list").Value.String() != ""
	if listing || os.Getenv(ownProcessKey) != "" {
		os.Exit(m.Run())
	}
	status := 0
	for _, name := range chosenTests() {
		child := exec.Command(os.Args[0], append(os.Args[1:], "-test.run=^"+name+"$")...)
		child.Env = append(os.Environ(), ownProcessKey+"=yes")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if child.Run() != nil {
			fmt.Println("FAIL", name)
			status = 1
		}
	}
	os.Exit(status)
}

// The tests that -test.run and -test.skip leave.
func chosenTests() []string {
	pattern := flag.Lookup("test.run").Value.String()
	if pattern == "" {
		pattern = "."
	}
	list := exec.Command(os.Args[0], "-test.list="+pattern)
	text, err := list.Output()
	names := strings.Fields(string(text))
	if err != nil || len(names) == 0 {
		fmt.Println("no test matches", pattern, err)
		os.Exit(1)
	}
	return names
}
