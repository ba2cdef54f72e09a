#!/usr/bin/env bash
# Kubernetes accepts `spring.datasource.url` and `my-flag` as names of a container's variables (since 1.34 nearly every
# name), and `kubectl exec POD -- env` shows them. A container whose command is `sh -c TEXT` does not pass them on where
# sh is dash, as in Debian's images: dash forgets what is no name of a shell variable. POSIX allows it; bash keeps them.
#
# dash 0.5.12-2 (Debian 12, amd64), seen on 2026-11-30:
#   without a shell: a.b=1 my-flag=1 plain=1
#   through dash:    plain=1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -qq dash=0.5.12-2 2>/dev/null
dpkg-deb --extract dash_0.5.12-2_*.deb .
dash=$(find "$folder" -type f -name dash -path '*bin*')

listed() { env -i PATH="$PATH" 'a.b=1' 'my-flag=1' plain=1 "$@" | grep -E '^(a\.b|my-flag|plain)=' | sort | tr '\n' ' '; }
direct=$(listed env)
through=$(listed "$dash" -c env)
echo "without a shell: $direct"
echo "through dash:    $through"
[ "$direct" = 'a.b=1 my-flag=1 plain=1 ' ]
[ "$through" = 'plain=1 ' ]
