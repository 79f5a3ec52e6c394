"""What the rounds came to: figures, the store of results, table and plots."""
