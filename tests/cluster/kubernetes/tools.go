// SPDX-License-Identifier: Apache-2.0

// Names the four programs of Kubernetes that the cluster is made of, so that go.mod and go.sum cover all they need.
// Nothing is compiled from this file: `go build` is given the packages by name.

//go:build tools

package cluster

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "k8s.io/kubernetes/cmd/kubelet"
)
