"""What a project needs, concluded from its documents, manifests and the issue."""
