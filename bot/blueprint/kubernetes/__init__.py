"""Kubernetes: the stack as manifests with a kustomize base and overlays."""
