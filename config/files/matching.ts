/** Paths relative to a folder that match globs, sorted. Loads the library only if there is a glob. */
export async function filesMatching(folder: string, patterns: readonly string[]): Promise<string[]> {
  if (patterns.length === 0) return [];
  const { glob } = await import('tinyglobby');
  const ignore = ['**/node_modules/**', '**/.git/**', '**/.git'];
  return (await glob([...patterns], { cwd: folder, ignore, dot: true, expandDirectories: false })).sort();
}
