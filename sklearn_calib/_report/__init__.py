"""The report of the command line: numbers, then text, JSON or a page that show them."""
