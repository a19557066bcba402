// SPDX-License-Identifier: Apache-2.0

// Names the program that renders the chart, so that go.mod and go.sum cover all it needs. Nothing is compiled from this
// file: `go build` is given the package by name.

//go:build tools

package helm

import _ "helm.sh/helm/v3/cmd/helm"
