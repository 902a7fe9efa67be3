"""The real servers, without containers: found, started on a free port, stopped again."""
