"""Docker Hub's webhook."""
