import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { planJobs } from '../../../toolchain/jobs.ts';
import { manifest, type ProgramName, programNames } from '../../../toolchain/manifest.ts';
import type { Platform } from '../../../toolchain/manifest-entry.ts';
import { locate } from '../../../toolchain/release/template.ts';
import { enginePrograms } from '../../../toolchain/toolchain.ts';
import { testMachine } from './machine.ts';

const macs = ['darwin-amd64', 'darwin-arm64'] as const satisfies readonly Platform[];
const forMac = (name: ProgramName) => manifest.programs[name].systems.includes('darwin');
const reached = async () => undefined;

/** Names that appear literally in calls of ensurePrograms; the engine's have their own list. */
function asked(...folders: string[]): ProgramName[] {
  const texts = folders.flatMap((folder) =>
    readdirSync(join(packageRoot(), folder), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(packageRoot(), folder, file), 'utf8')),
  );
  const lists = texts.flatMap((text) => [...text.matchAll(/ensurePrograms\(\s*\[([^\]]*)\]/g)]);
  const names = lists.flatMap(([, list = '']) => [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name));
  return [...new Set(names)] as ProgramName[];
}

/** What the verbs need with any driver, and what the k3d driver needs. */
const wanted = [...enginePrograms, ...asked('cli', 'app', 'cluster/drivers/k3d')];

test('the programs that a Mac needs are those that the verbs and the k3d driver request', () => {
  expect(wanted).toEqual(
    expect.arrayContaining(['pulumi', 'pulumi-resource-kubernetes', 'kubectl', 'gateway-api-crds', 'k3d']),
  );
  expect(wanted.filter((name) => !forMac(name))).toEqual([]);
  expect(programNames.filter(forMac).sort()).toEqual([...wanted].sort());
});

describe.each(macs)('on %s', (platform) => {
  const plan = async (names: readonly ProgramName[], whyNot: typeof reached | (() => Promise<string>)) => {
    const machine = await testMachine(manifest.programs, { platform, manifest });
    const named = names.map((name) => ({ name, program: manifest.programs[name] }));
    return planJobs(machine, named, whyNot).finally(machine.remove);
  };

  test('each of them is downloaded from a release; sqlite3 is part of macOS', async () => {
    const released = wanted.filter((name) => name !== 'sqlite3');
    for (const name of released) expect(locate(manifest.programs[name], platform), name).toBeDefined();
    const { jobs, problems } = await plan(released, reached);
    expect(problems).toEqual([]);
    expect([...new Set(jobs.map(({ kind }) => kind))]).toEqual(['release']);
  });

  test('if no release is reachable they are built with Go, and nothing else is required', async () => {
    const { jobs, problems } = await plan(
      wanted.filter((name) => name !== 'sqlite3'),
      async () => 'it is not reached',
    );
    expect(problems).toEqual([]);
    expect(jobs.map(({ kind }) => kind).filter((kind) => !['go', 'go-files'].includes(kind))).toEqual([]);
  });

  test('nothing for Linux is ever downloaded or built', async () => {
    const others = programNames.filter((name) => !forMac(name));
    expect(others).toContain('kubelet');
    for (const whyNot of [reached, async () => 'it is not reached']) {
      const { jobs, problems } = await plan(others, whyNot);
      expect(jobs).toEqual([]);
      expect(problems).toHaveLength(others.length);
    }
  });
});
