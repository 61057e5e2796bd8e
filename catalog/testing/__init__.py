"""For tests of a catalogue: looks from outside, situations made by hand, and the rules it must keep."""
