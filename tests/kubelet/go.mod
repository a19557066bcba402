// Which Kubernetes is tested is said by versions/*.mod, one of which stands in for this file: go -modfile=...
module regcred/tests/kubelet

go 1.24
