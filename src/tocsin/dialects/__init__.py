"""Foreign protocols, in and out: one folder for each."""
