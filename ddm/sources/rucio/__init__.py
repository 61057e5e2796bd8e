"""What a Rucio says of its files: dumps of replicas, and its REST interface. Reads only.

``replies`` is pure: rows and lines become ``RucioFile``; ``dump`` reads files, ``client`` talks to a server,
``fetching`` keeps what came, dataset by dataset, so that a long listing goes on where it stopped.
"""
