// SPDX-License-Identifier: Apache-2.0

//go:build !since_1_33

package kubeletcode

import "k8s.io/kubernetes/pkg/credentialprovider/plugin"

// HasTokens says whether this Kubernetes can hand a service account's token to a provider: from 1.33 on.
const HasTokens = false

// SetTokensGate has nothing to set.
func SetTokensGate(bool) error { return nil }

// Start does what the kubelet does with its two flags when it starts. Once per process: the providers are global.
func Start(configPath, binDir string) error {
	return plugin.RegisterCredentialProviderPlugins(configPath, binDir)
}
