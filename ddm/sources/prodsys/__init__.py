"""COMPASS-ProdSys: its tasks and jobs, from its MySQL database or from a dump of it, into the catalogue.

``dump`` reads a dump file, ``catalog.db.prodsys`` the database; both give the same rows in the same order.
``rows`` says which columns are read, ``names`` how a task calls its files, ``mapping`` what a row means
(pure), ``importer`` brings it into the catalogue batch by batch, ``report`` names every row that could not
be mapped whole. docs/decisions/0007 says why a row becomes what it becomes.
"""
