"""How many events a file has, asked of event sources: text catalogues, databases, the file itself."""
