import { join } from 'node:path';
import { readIfPresent } from '../../../core/files.ts';

/** What npm, pnpm, yarn and bun run in the project itself when they install, in the order of npm. */
const ownScripts = [
  ...['preinstall', 'install', 'postinstall'],
  ...['prepublish', 'preprepare', 'prepare', 'postprepare'],
];

/** Those of them that a project has: a copy of its packages does not run them. */
export async function installScripts(project: string): Promise<string[]> {
  const text = await readIfPresent(join(project, 'package.json'));
  if (text === undefined) return [];
  const { scripts = {} } = JSON.parse(text) as { scripts?: Readonly<Record<string, unknown>> };
  const settings = (await readIfPresent(join(project, '.npmrc'))) ?? '';
  if (/^\s*ignore-scripts\s*=\s*true/m.test(settings)) return [];
  return ownScripts.filter((name) => typeof scripts[name] === 'string');
}

/** The first member of npm's workspace that has such scripts: only `npm ci` itself runs them. */
export async function memberWithScripts(project: string, lockFile: string): Promise<string | undefined> {
  const text = (await readIfPresent(join(project, lockFile))) ?? '{}';
  const { packages = {} } = JSON.parse(text) as { packages?: Readonly<Record<string, unknown>> };
  const members = Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules/'));
  for (const member of members) if ((await installScripts(join(project, member))).length > 0) return member;
  return undefined;
}
