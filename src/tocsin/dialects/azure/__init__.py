"""Azure Monitor: its common alert schema and the older ones."""
