"""Traffic as HAR: files as recorders write them and as we do, and the APIs that calls belong to."""
