"""What runs: the recorder, the feed, housekeeping and authentication."""
