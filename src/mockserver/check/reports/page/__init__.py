"""The parts of the HTML report as plain data, which a template lays out."""
