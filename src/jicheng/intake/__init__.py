"""From raw files of several sources to a checked zone: read, resolve, write."""
