// SPDX-License-Identifier: Apache-2.0

// Package kubeletcode calls the kubelet's own code: what it does at its start, for a pod, and what it logs.
// Which Kubernetes this is, the chosen versions/*.mod says.
package kubeletcode

import (
	"fmt"

	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/util/parsers"
)

// Matches says whether the kubelet would call a provider with this entry of matchImages for this image. An error is a
// text that the kubelet cannot take apart.
func Matches(pattern, image string) (bool, error) {
	return credentialprovider.URLsMatchStr(pattern, image)
}

// CheckText gives the reason why the kubelet cannot take a pattern or an image name apart; nil when it can.
func CheckText(patternOrImage string) error {
	_, err := credentialprovider.ParseSchemelessURL(patternOrImage)
	return err
}

// Repository gives what a provider is asked about for the image of a container: "docker.io/library/nginx" for "nginx:1".
func Repository(image string) (string, error) {
	repository, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		return "", fmt.Errorf("the kubelet cannot read the image name: %w", err)
	}
	return repository, nil
}
