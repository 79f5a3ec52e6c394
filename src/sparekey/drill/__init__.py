"""The fire drill: whether it may begin, what is measured while it runs, and the report."""
