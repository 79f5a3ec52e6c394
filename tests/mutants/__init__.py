"""One line of the rules is spoiled at a time: the simulation must find each (`make mutants`)."""
