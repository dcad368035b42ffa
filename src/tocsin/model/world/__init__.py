"""What people configured of the monitored world, and what follows from it."""
