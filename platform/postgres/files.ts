/** Folder of the server in its pod; the path of the official image. */
export const postgresHome = '/var/lib/postgresql';
/** Folder of the files below. */
export const postgresConfig = '/etc/coppice';

/** Folder of the Secret with the superuser's password. */
export const postgresSecret = '/run/secrets/coppice';

/**
 * What the pod runs, in the official image as in ours: it needs only sh, coreutils, grep and flock. `$COPPICE_HOME` and
 * `$COPPICE_CONFIG` are the two folders, `$COPPICE_VOLUME` is the kind of volume of the first, and the file
 * `$COPPICE_PASSWORD_FILE` has the superuser's password.
 */
export const startScript = String.raw`#!/bin/sh
set -eu
umask 077
home=$COPPICE_HOME
config=$COPPICE_CONFIG
secret=$COPPICE_PASSWORD_FILE
data=$home/18/docker
server=
ending=
say() { echo "coppice: $*" >&2; }

# To a server SIGTERM means to wait for every client to leave. This is the fast shutdown, whoever asks and how.
end() {
  ending=yes
  test -z "$server" || kill -INT "$server"
}
trap end TERM INT

# Two servers on one folder destroy it, and PostgreSQL's own lock does not see into another container.
exec 9>>"$home/lock"
flock --nonblock 9 || {
  say 'another server still has the data; waiting for its end'
  flock 9
}

if ! test -s "$data/PG_VERSION"; then
  # What initdb cut short is beside it. So these are databases, and a disk that cannot be read or was damaged.
  if ! rmdir "$data" 2>/dev/null && test -e "$data"; then
    say "$data has files but no PG_VERSION that can be read: nothing was changed"
    exit 1
  fi
  say 'making a new data folder'
  rm -rf "$data.new"
  mkdir -p "$home/18"
  initdb --pgdata="$data.new" --username=postgres --pwfile="$secret" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 \
    --data-checksums --no-instructions >&2
  # Renamed last, and never into a folder: what was cut short is made again.
  mv -T "$data.new" "$data"
fi

# The Secret may be newer than the data. The statement goes by standard input, as everybody can read arguments, and the
# server's messages go by a file, as some of them repeat a statement.
messages=$home/single-user.log
sql() {
  printf "ALTER ROLE postgres PASSWORD '"
  cat "$secret"
  printf "'\n"
}
failed=
sql | postgres --single -D "$data" -c config_file="$config/postgresql.conf" -c hba_file="$config/pg_hba.conf" \
  -c log_min_error_statement=panic -c log_min_duration_statement=-1 postgres >/dev/null 2>"$messages" || failed=yes
if grep -q 'ERROR:' "$messages"; then failed=yes; fi
# After a crash this is where the data were recovered.
grep -v 'STATEMENT:' "$messages" >&2 || true
rm -f "$messages"
test -z "$failed" || exit 1
test -z "$ending" || exit 0

# Asked of the file system itself: its type does not tell whether it was made with reflinks.
reflink=off
rm -f "$home/probe" "$home/probe.copy"
echo probe >"$home/probe"
if cp --reflink=always "$home/probe" "$home/probe.copy" 2>/dev/null; then reflink=on; fi
rm -f "$home/probe" "$home/probe.copy"
file_system=$(stat -f -c %T "$home")
while read -r _ point type _; do
  if test "$point" = "$home"; then file_system=$type; fi
done </proc/self/mounts

say "volume $COPPICE_VOLUME, file system $file_system, reflink $reflink"
postgres -D "$data" -c config_file="$config/postgresql.conf" -c hba_file="$config/pg_hba.conf" \
  -c coppice.volume="$COPPICE_VOLUME" -c coppice.file_system="$file_system" -c coppice.reflink="$reflink" &
server=$!
test -z "$ending" || end
# A signal ends a wait, not the server.
while :; do
  code=0
  wait "$server" || code=$?
  kill -0 "$server" 2>/dev/null || exit "$code"
done
`;

/** https://www.postgresql.org/docs/18/runtime-config.html */
export const serverSettings = `listen_addresses = '*'
# One for the official image's clients, one for those of ours.
unix_socket_directories = '/var/run/postgresql,/tmp'
unix_socket_permissions = 0700
# Every worktree's services have a pool each.
max_connections = 400
shared_buffers = 128MB
# A statement of a client that is gone would hold its locks, or wait for some, until it is done.
client_connection_check_interval = '2s'
password_encryption = scram-sha-256
# What a flush to this disk costs decides how a database is copied; pg_stat_io tells.
track_wal_io_timing = on
# After a crash one call, not one for each of the files of fifty databases.
recovery_init_sync_method = syncfs
log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
# What telemetry shows of an environment's database.
log_min_duration_statement = 1s
# Each clone begins and ends with a checkpoint.
log_checkpoints = off
`;

/** Every login needs a password, inside the pod too. Replication is not listed, so it is denied. */
export const clientRules = `local all all scram-sha-256
host all all all scram-sha-256
`;
