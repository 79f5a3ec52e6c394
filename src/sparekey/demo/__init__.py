"""A whole plant on one machine, to look at: a vendor, two license servers, one application, all real processes."""
