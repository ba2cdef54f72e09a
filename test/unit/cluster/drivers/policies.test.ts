import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Layout, layoutOf } from '../../../../cluster/drivers/embedded/layout.ts';
import { askForVerdictsAgain, bringPolicies } from '../../../../cluster/drivers/embedded/policies.ts';
import { settingsSchema } from '../../../../config/settings/settings.ts';
import { CoppiceError } from '../../../../core/errors.ts';
import { silent } from '../../../../core/progress.ts';
import { configContext, programs } from './fixture.ts';

let folder: string;
let layout: Layout;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
  const { embedded } = settingsSchema.parse({
    embedded: { dataFolder: folder, runFolder: join(folder, 'run') },
  });
  layout = layoutOf(embedded);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a start says, given where the program comes from. */
async function said(policies: () => Promise<string | undefined>): Promise<string[]> {
  const notes: string[] = [];
  const progress = { ...silent, note: (text: string) => void notes.push(text) };
  await bringPolicies({ ...configContext, layout, bridge: layout.bridge, programs, progress, policies });
  return notes;
}

test('a cluster without policies has no program, also where an earlier one had', async () => {
  mkdirSync(dirname(layout.policyProgram));
  symlinkSync(process.execPath, layout.policyProgram);
  expect(await said(async () => undefined)).toEqual([]);
  expect(existsSync(layout.policyProgram)).toBe(false);
});

test('a program that cannot be built is told with its reason, and the cluster starts without', async () => {
  const build = () => Promise.reject(new CoppiceError('COPPICE_TOOLCHAIN', 'there is no `go` on PATH'));
  expect(await said(build)).toEqual(['network policies are not enforced: there is no `go` on PATH']);
  expect(existsSync(layout.policyProgram)).toBe(false);
});

test('Ctrl+C while it is built ends the start', async () => {
  const build = () => Promise.reject(new CoppiceError('COPPICE_INTERRUPTED', 'interrupted'));
  await expect(said(build)).rejects.toThrow('interrupted');
});

describe('a start with a program from an earlier one', () => {
  beforeEach(() => {
    mkdirSync(dirname(layout.policyProgram));
    symlinkSync(process.execPath, layout.policyProgram);
  });

  /** What it says, where `failure` is that of iptables. */
  async function saidAgain(failure?: Error): Promise<string[]> {
    const notes: string[] = [];
    const progress = { ...silent, note: (text: string) => void notes.push(text) };
    const ask = () => (failure === undefined ? Promise.resolve() : Promise.reject(failure));
    await askForVerdictsAgain({ ...configContext, layout, bridge: layout.bridge, progress }, ask);
    return notes;
  }

  test('has it run where verdicts can be asked for', async () => {
    expect(await saidAgain()).toEqual([]);
    expect(existsSync(layout.policyProgram)).toBe(true);
  });

  test('goes on without where the kernel has no NFQUEUE, and the program does not run', async () => {
    const refused = new CoppiceError('COPPICE_COMMAND_FAILED', 'unknown option "--queue-num"');
    expect(await saidAgain(refused)).toEqual([
      'network policies are not enforced: unknown option "--queue-num"',
    ]);
    expect(existsSync(layout.policyProgram)).toBe(false);
  });

  test('ends with Ctrl+C', async () => {
    const interrupted = new CoppiceError('COPPICE_INTERRUPTED', 'interrupted');
    await expect(saidAgain(interrupted)).rejects.toThrow('interrupted');
  });
});
