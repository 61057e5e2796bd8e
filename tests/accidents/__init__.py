"""The twelve accidents of the old system (COMPASS conventions, section 6.1), each made to happen again.

``test_NN_...`` has the number of the accident: what happened there, which rule keeps it from happening here,
and tests that bring about the situation with the real program (catalogue, storage with real bytes, commands
where an operator was involved) and see the data kept. The table is docs/explanation/accidents.md.
"""
