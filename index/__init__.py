"""Quotary's engine: articles in, verbatim quotes out. It knows nothing of the page."""
