"""Nagios and its kin: the commands that scripts give them, and the log that they wrote."""
