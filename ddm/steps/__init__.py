"""The steps of the flow, one hop each: ask the catalogue, decide, call out, record what came of it.

Every step takes the App and returns how many things it moved. One batch at a time; a claim is committed
before the call, and what the service said is recorded after it, so that a crash anywhere loses nothing.
"""
