"""What ``tocsin doctor`` looks at, one module a subject."""
