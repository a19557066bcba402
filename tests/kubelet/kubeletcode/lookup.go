// SPDX-License-Identifier: Apache-2.0

//go:build since_1_34

package kubeletcode

import (
	"k8s.io/apiserver/pkg/util/feature"
	"k8s.io/kubernetes/pkg/credentialprovider/plugin"
)

// TrackImages turns on, before 1.35, that the kubelet remembers whose credential an image was pulled with.
func TrackImages() error {
	return feature.DefaultMutableFeatureGate.Set("KubeletEnsureSecretPulledImages=true")
}

// Pod is what the kubelet knows of a pod when it pulls one of its images.
type Pod struct {
	Namespace, Name, ServiceAccount string // ServiceAccount is empty for static pods
}

// Credential is one that the container runtime is to try.
type Credential struct {
	Username, Password string
	ServiceAccountUID  string // whose pods may use the pulled image; empty: not bound to a service account
}

// Lookup gives the credentials for a container's image in the order of their trial, as the kubelet would before a pull.
func Lookup(pod Pod, image string) ([]Credential, error) {
	repository, err := Repository(image)
	if err != nil {
		return nil, err
	}
	keyring := plugin.NewExternalCredentialProviderDockerKeyring(pod.Namespace, pod.Name, "uid-of-"+pod.Name,
		pod.ServiceAccount)
	found, _ := keyring.Lookup(repository)
	credentials := make([]Credential, 0, len(found))
	for _, one := range found {
		credential := Credential{Username: one.Username, Password: one.Password}
		if one.Source != nil && one.Source.ServiceAccount != nil {
			credential.ServiceAccountUID = one.Source.ServiceAccount.UID
		}
		credentials = append(credentials, credential)
	}
	return credentials, nil
}
