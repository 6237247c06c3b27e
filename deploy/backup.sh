#!/bin/sh
# One backup of the home, checked, named by its day; older ones go after so many days.
# Usage: backup.sh FOLDER [DAYS]     The home is REMITWATCH_HOME. Nothing is deleted unless the new backup is sound.
set -eu
umask 077

folder=${1:?"usage: backup.sh FOLDER [DAYS]"}
days=${2:-30}
case $days in
  '' | *[!0-9]*) echo "backup.sh: DAYS '$days': expected a whole number" >&2; exit 2 ;;
esac

file="$folder/remitwatch-$(date -u +%Y-%m-%d).tar.gz"
remitwatch backup "$file"
remitwatch backup "$file" --verify
find "$folder" -maxdepth 1 -type f -name 'remitwatch-*.tar.gz' -mtime "+$days" -delete
