"""What the sub-commands print."""
