"""Results files: read, checked, merged into tables."""
