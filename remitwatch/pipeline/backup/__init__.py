"""Backups of a home: made while it is in use, checked whole, put back whole.

A backup is one file, a tar stream packed with gzip, made and read from its beginning to its end, so that it can go
through a pipe. In this order:

remitwatch-backup.json          what it is of: format, version, schema, world, when
remitwatch.sqlite               one state of the database
remitwatch.toml                 the settings (with the secrets in them), unless left out
alerts.toml, events.csv         the operator's own files, where there are any
archive/...                     the answers that this state of the database names
editions/...                    where it was asked for
manifest.json                   size and checksum of every file, the digest of every run; without it a backup is none
"""
