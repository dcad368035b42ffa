"""Google Cloud Monitoring's webhook."""
