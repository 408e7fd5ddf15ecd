"""Reports: what came of a run, written for a person, a CI system, or a program."""
