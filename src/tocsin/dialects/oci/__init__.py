"""Oracle Cloud Infrastructure: alarms of its Monitoring."""
