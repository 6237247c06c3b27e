"""collect -> observe -> check -> publish: the only package that knows all parts. One file a step."""
