"""What the rules find in the figures, the market, the rates, the sources and the home; and what becomes of it."""
