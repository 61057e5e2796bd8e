"""Looking at a catalogue from outside, for tests: not through the functions that are under test."""
