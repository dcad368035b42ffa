"""What AWS sends by SNS or EventBridge: CloudWatch alarms and AWS Health events."""
