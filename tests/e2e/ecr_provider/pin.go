// SPDX-License-Identifier: Apache-2.0

//go:build pin

// Package pin names the program that the test builds, so that go.mod and go.sum hold all that it is made of.
package pin

import _ "k8s.io/cloud-provider-aws/cmd/ecr-credential-provider"
