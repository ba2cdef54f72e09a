/**
 * Restores $DUMP into the database that libpq's variables name. Its format is seen by its first bytes: pg_dump's custom
 * one, gzip, or plain text. The role may neither own for others nor install extensions, which stand in the spec and are
 * there already: so owners, grants and extensions are left out, in plain text everywhere but in the rows of a COPY.
 * Only what BusyBox has is used besides PostgreSQL's own programs.
 */
export const restoreScript = String.raw`set -eu
export PGOPTIONS='-c synchronous_commit=off'
plain() {
  sed -E '/^COPY .* FROM stdin;$/,/^\\\.$/!{
    /^(CREATE|COMMENT ON) EXTENSION /d
    /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .*;$/d
    /^ALTER .* OWNER TO .*;$/d
  }' | psql --no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1 --single-transaction --file=-
}
case "$(od -A n -t x1 -N 5 "$DUMP" | tr -d ' ')" in
  5047444d50)
    pg_restore --list "$DUMP" | sed -E '/^[0-9]+; [0-9]+ [0-9]+ (COMMENT - )?EXTENSION /d' > /tmp/list
    pg_restore --no-owner --no-privileges --exit-on-error --jobs=2 --use-list=/tmp/list --dbname="$PGDATABASE" "$DUMP" ;;
  # A file that was cut short must not be half a database: sh sees only how the last of a pipe ended.
  1f8b*) { gzip -d -c "$DUMP" || printf '\n\\.\n;SELECT the_dump_is_cut_short;\n'; } | plain ;;
  *) plain < "$DUMP" ;;
esac
`;
