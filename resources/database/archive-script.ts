/**
 * Makes a compressed text of $DUMP, an archive of pg_dump, in $TEXT. Its owners, grants and the like are left out later,
 * as those of any text. Of a pipe, sh sees only how its last program ended.
 */
export const archiveScript = `set -eu
umask 077
failed=\${TMPDIR:-/tmp}/failed
{ pg_restore --file=- "$DUMP" || touch "$failed"; } | gzip -1 > "$TEXT"
[ ! -e "$failed" ]
`;
