"""The page of a country: what is sent to it and from it, gathered as values (`view`), then rendered (`page`)."""
