/**
 * Restores $DUMP into the database that libpq's variables name. The first bytes tell its format: pg_dump's custom one,
 * gzip, or plain text. The role may neither own objects for others nor install extensions, which are in the spec and
 * exist already: so owners, grants and extensions are left out. A truncated dump ends with a statement that no server
 * accepts, so that nothing of it stays. Uses only BusyBox besides PostgreSQL's own programs.
 */
export const restoreScript = String.raw`set -eu
export PGOPTIONS='-c synchronous_commit=off'
plain() {
  LC_ALL=C awk -f /tmp/filter | psql --no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1 --single-transaction --file=-
}
# The same text may stand in a row, a string or a function: it is a statement only where none of those is open.
# "open" is what one of them began with: COPY, ', E', ", /* or the tag of a dollar quote.
cat > /tmp/filter <<'AWK'
function read(rest,  at, token) {
  while (rest != "") {
    if (open == "") {
      if (!match(rest, /['"]|--|\/\*|\$([A-Za-z_\200-\377][A-Za-z0-9_\200-\377]*)?\$/)) return
      token = substr(rest, RSTART, RLENGTH)
      at = RSTART + RLENGTH
      if (token == "--") return
      if (token == "/*") depth = 1
      if (token == "'" && substr(rest, 1, RSTART - 1) ~ /(^|[^A-Za-z0-9_\200-\377])[Ee]$/) token = "E'"
      # Within a name it is a letter.
      if (token ~ /^\$/ && substr(rest, 1, RSTART - 1) ~ /[A-Za-z0-9_$\200-\377]$/) at = RSTART + 1
      else open = token
    } else if (open == "E'") {
      if (!match(rest, /\\.|''|'/)) return
      at = RSTART + RLENGTH
      if (substr(rest, RSTART, RLENGTH) == "'") open = ""
    } else if (open == "/*") {
      if (!match(rest, /\/\*|\*\//)) return
      at = RSTART + RLENGTH
      depth += substr(rest, RSTART, 1) == "/" ? 1 : -1
      if (depth == 0) open = ""
    } else {
      at = index(rest, open)
      if (at == 0) return
      at += length(open)
      open = ""
    }
    rest = substr(rest, at)
  }
}
open == "COPY" { print; if ($0 == "\\.") open = ""; next }
open == "" && /^-- PostgreSQL database dump$/ { whole = 0; ours = 1 }
open == "" && /^-- PostgreSQL database dump complete$/ { whole = 1 }
open == "" && /^\\/ { print; next }
open == "" && /^(COPY|copy) .* (FROM|from) (STDIN|stdin).*;$/ { open = "COPY"; print; next }
{ outside = open == ""; read($0) }
outside && open == "" && /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .*;$/ { next }
outside && open == "" && /^ALTER .* OWNER TO ("([^"]|"")*"|[^ "';]+);$/ { next }
outside && /^(CREATE|COMMENT ON) EXTENSION / { leaving = 1 }
leaving { leaving = open != ""; next }
{ print }
END {
  if (open == "" && (whole || !ours)) exit
  print "the dump is cut short: it has no end" | "cat >&2"
  if (open == "COPY") open = "\\."
  if (open == "E'") open = "'"
  if (open == "/*") open = "*/"
  printf "\n%s\n;SELECT the_dump_is_cut_short;\n", open
}
AWK
case "$(od -A n -t x1 -N 5 "$DUMP" | tr -d ' ')" in
  5047444d50)
    pg_restore --list "$DUMP" | sed -E '/^[0-9]+; [0-9]+ [0-9]+ (COMMENT - )?EXTENSION /d' > /tmp/list
    pg_restore --no-owner --no-privileges --exit-on-error --jobs=2 --use-list=/tmp/list --dbname="$PGDATABASE" "$DUMP" ;;
  # sh sees only how the last of a pipe ended.
  1f8b*) { gzip -d -c "$DUMP" || printf '\n\\.\n;SELECT the_dump_is_cut_short;\n'; } | plain ;;
  *) plain < "$DUMP" ;;
esac
`;
