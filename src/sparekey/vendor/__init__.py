"""The vendor's side: orders, the licenses signed for them, and the folder with the key."""
