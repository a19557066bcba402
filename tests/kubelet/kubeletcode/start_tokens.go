// SPDX-License-Identifier: Apache-2.0

//go:build since_1_33

package kubeletcode

import (
	"errors"
	"fmt"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/util/feature"
	"k8s.io/kubernetes/pkg/credentialprovider/plugin"
	_ "k8s.io/kubernetes/pkg/features" // declares the gates
)

// HasTokens says whether this Kubernetes can hand a service account's token to a provider: from 1.33 on.
const HasTokens = true

const tokensGate = "KubeletServiceAccountTokenForCredentialProviders"

// Start does what the kubelet does with its two flags when it starts. Once per process: the providers are global.
func Start(configPath, binDir string) error {
	return StartInCluster(configPath, binDir, nil)
}

// SetTokensGate turns the feature on or off: it is on by default from 1.34 on.
func SetTokensGate(on bool) error {
	return feature.DefaultMutableFeatureGate.Set(fmt.Sprintf("%s=%t", tokensGate, on))
}

// Cluster is what the kubelet asks the API server for.
type Cluster interface {
	// ServiceAccount gives UID and annotations.
	ServiceAccount(namespace, name string) (uid string, annotations map[string]string, err error)
	// Token is for one audience, bound to the pod.
	Token(namespace, serviceAccount, pod, audience string) (string, error)
}

// StartInCluster is Start for a node of this cluster.
func StartInCluster(configPath, binDir string, cluster Cluster) error {
	token := func(namespace, name string, request *authentication.TokenRequest) (*authentication.TokenRequest, error) {
		if cluster == nil || request.Spec.BoundObjectRef == nil || len(request.Spec.Audiences) != 1 {
			return nil, errors.New("this test expects a token for one audience, bound to a pod")
		}
		signed, err := cluster.Token(namespace, name, request.Spec.BoundObjectRef.Name, request.Spec.Audiences[0])
		answer := request.DeepCopy()
		answer.Status.Token = signed
		return answer, err
	}
	account := func(namespace, name string) (*core.ServiceAccount, error) {
		uid, annotations, err := cluster.ServiceAccount(namespace, name)
		if err != nil {
			return nil, err
		}
		found := &core.ServiceAccount{}
		found.Namespace, found.Name, found.UID, found.Annotations = namespace, name, types.UID(uid), annotations
		return found, nil
	}
	return plugin.RegisterCredentialProviderPlugins(configPath, binDir, token, account)
}
