// SPDX-License-Identifier: Apache-2.0

// Judge says what the kubelet of one Kubernetes release makes of a CredentialProviderConfig:
//
//	go run -modfile=versions/1.34.mod -tags=since_1_33 ./judge CONFIG BIN_DIR
//
// prints "accepted", or the reason with which the kubelet would not start. CONFIG is a file or a directory.
package main

import (
	"fmt"
	"os"

	"regcred/tests/kubelet/kubeletcode"
)

const accepted = "accepted"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: judge CONFIG BIN_DIR")
		os.Exit(2)
	}
	if err := kubeletcode.SetTokensGate(true); err != nil { // off by default in 1.33
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := kubeletcode.Start(os.Args[1], os.Args[2]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(accepted)
}
