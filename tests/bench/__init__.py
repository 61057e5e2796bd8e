"""Benches: how fast the product is, and whether it is still right at that speed.

A bench that cannot fail is worthless: each verifies its end state and says what is wrong with it.
"""
