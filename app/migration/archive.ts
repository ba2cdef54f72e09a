/**
 * The entries of an archive to restore: its table of contents (`pg_restore --list`) without extensions and existing
 * schemas, as the restoring login may not create the former.
 */
export function entriesToRestore(list: string, schemas: readonly string[]): string {
  return list
    .split('\n')
    .filter((line) => {
      // `215; 1259 16386 TABLE public orders shop_owner`
      const entry = /^\d+; \d+ \d+ (.*)$/.exec(line)?.[1];
      if (entry === undefined) return true;
      if (/^(COMMENT - )?EXTENSION /.test(entry)) return false;
      // The last word is the owner's name, which has no space in it; a schema's may.
      const schema = /^SCHEMA - (.*) \S*$/.exec(entry)?.[1];
      return schema === undefined || !schemas.includes(schema);
    })
    .join('\n');
}
