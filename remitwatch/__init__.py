"""remitwatch: the remittance corridor cost monitor (the words, the method, the pipeline and the command line)."""
