"""One module for each command. They are imported only to run them."""
