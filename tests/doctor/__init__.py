"""The doctor before real patients: servers, strangers, networks and disks."""
