/** The repositories of this machine that wt knows and that are there, that of the current folder among them. */
export async function repositoriesHere(_cwd: string): Promise<string[]> {
  return [];
}
