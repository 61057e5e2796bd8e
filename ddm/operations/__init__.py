"""What a person may ask for: one function per command, on an open catalogue.

A function opens one transaction, changes everything or nothing, and returns a frozen value. Those that
change something take ``act``: with False the same path runs and is rolled back, so that a plan is what would
really happen. The actor is the catalogue's; a reason is required where ``catalog.states`` says so.
"""
