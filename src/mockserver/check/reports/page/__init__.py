"""The page of a report: what stands on it, as plain data that a template lays out."""
