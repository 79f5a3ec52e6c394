"""License.ini: the list of a system, read and edited."""
