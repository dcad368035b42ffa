"""What Nagios and its kin wrote: their log."""
