"""NRDP, by which Nagios's agents and scripts hand over the results of checks."""
