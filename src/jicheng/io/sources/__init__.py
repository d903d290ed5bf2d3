"""Outside sources: a file importer each, and where there is an interface, a fetcher."""
