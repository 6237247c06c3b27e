"""Country shapes of Natural Earth (public domain), cut by the npm package world-atlas 2.0.2 (ISC licence: LICENSE
beside this file): `countries-110m.json` is its file of that name, unchanged. `small_states.csv` says where the
countries lie that are too small for it."""
