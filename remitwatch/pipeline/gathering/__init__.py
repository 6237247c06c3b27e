"""What goes into an edition, gathered from the database for the pages: one module a part."""
