// SPDX-License-Identifier: Apache-2.0

package kubeletcode

var minor string // the linker sets it: run.py

// Minor gives the release of Kubernetes whose code this is, like "1.34".
func Minor() string {
	if minor == "" {
		panic("build this with run.py, which says which Kubernetes it is")
	}
	return minor
}
