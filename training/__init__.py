"""What is fitted, and how: scripts that print the constants the engine uses."""
