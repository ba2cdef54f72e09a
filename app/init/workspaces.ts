import { dirname } from 'node:path';
import { parse } from 'yaml';
import { filesMatching } from '../../config/files/matching.ts';
import { type Folder, readFolder, textIn } from './folder.ts';

/** The packages of a monorepo of npm, Yarn, pnpm, bun, Lerna or Nx; none when it is not one. */
export async function workspacesOf(top: Folder): Promise<Folder[]> {
  const patterns = await workspacePatterns(top);
  if (patterns.length === 0) return [];
  const [kept, left] = [
    patterns.filter((one) => !one.startsWith('!')),
    patterns.filter((one) => one.startsWith('!')),
  ];
  const manifests = (some: readonly string[]) =>
    filesMatching(
      top.top,
      some.map((one) => `${one.replace(/^!|^\.\//g, '').replace(/\/$/, '')}/package.json`),
    );
  const without = new Set(await manifests(left));
  const found = (await manifests(kept)).filter((file) => !without.has(file));
  return Promise.all(found.map((file) => readFolder(top.top, dirname(file))));
}

async function workspacePatterns(top: Folder): Promise<readonly string[]> {
  const { manifest, names } = top;
  const written = manifest?.workspaces;
  const own = Array.isArray(written)
    ? written
    : ((written as { packages?: string[] } | undefined)?.packages ?? []);
  const pnpm = names.has('pnpm-workspace.yaml') ? packagesIn(await textIn(top, 'pnpm-workspace.yaml')) : [];
  const lerna = names.has('lerna.json') ? packagesIn(await textIn(top, 'lerna.json')) : [];
  const listed = [...own, ...pnpm, ...lerna];
  return listed.length === 0 && names.has('nx.json') ? ['apps/*', 'packages/*', 'libs/*'] : listed;
}

function packagesIn(text: string): string[] {
  try {
    const { packages } = (parse(text) ?? {}) as { packages?: unknown };
    return Array.isArray(packages) ? packages.map(String) : [];
  } catch {
    return [];
  }
}
