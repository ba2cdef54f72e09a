import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readReplaced } from '../../../app/clusters/replaced.ts';
import { completeSwitch, readAside } from '../../../app/clusters/set-aside.ts';
import { requireAllowed } from '../../../app/consent/allowed-commands.ts';
import { readRun } from '../../../app/engine/run-record.ts';
import { readStack } from '../../../app/engine/stack-state.ts';
import { readRecord } from '../../../app/environments/record.ts';
import { readJournal } from '../../../app/migration/journal.ts';
import type { Ports } from '../../../app/ports.ts';
import type { Layout } from '../../../cluster/drivers/embedded/layout.ts';
import { readPlan, readState } from '../../../cluster/drivers/embedded/supervisor-state.ts';
import { loadSettings } from '../../../config/settings/settings.ts';
import { sha256 } from '../../../core/hash.ts';
import { paths } from '../../../core/paths.ts';
import { readClusterRecord } from '../../../core/state/cluster-record.ts';
import { digests } from '../../../core/state/digests.ts';
import { recordMark } from '../../../core/state/moved-repositories.ts';
import { addPlatformParts, readPlatformParts } from '../../../core/state/platform-parts.ts';
import type { Machine } from '../../../toolchain/machine.ts';
import { manifest } from '../../../toolchain/manifest.ts';
import { readMemory, recall } from '../../../toolchain/memory.ts';
import { recordedChecksum } from '../../../toolchain/release/checksum.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-state-file-'));
  for (const name of ['DATA', 'CACHE', 'CONFIG', 'STATE']) vi.stubEnv(`XDG_${name}_HOME`, join(folder, name));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Files whose loss would cost something: where each is, and what reads it. */
const states: readonly (readonly [name: string, file: string, read: () => Promise<unknown>])[] = [
  ['record of the cluster', 'cluster.json', () => readClusterRecord()],
  ['parts of the platform', 'platform-parts.json', () => readPlatformParts()],
  ['parts of the platform, when one joins', 'platform-parts.json', () => addPlatformParts(['postgres'])],
  ['replaced cluster', 'replaced-cluster.json', () => readReplaced()],
  ['switch between clusters', 'clusters/switch.json', () => completeSwitch()],
  ['record of a cluster that is set aside', 'clusters/k3d/cluster.json', () => readAside('k3d')],
  ['journal of a migration', 'migrate/journal.json', () => readJournal()],
  ['allowed commands', 'allowed-setup.json', () => allow()],
  ['moved repositories', 'repositories.json', () => recordMark('/r', '1:2')],
  ['list of checksums', 'checksums.json', () => recordedChecksum(machine(), 'https://example.org/a')],
  [
    'state of a stack',
    'state/.pulumi/stacks/shop/main.json',
    () => readStack({ project: 'shop', stack: 'main' }),
  ],
];

/** Not asked about the terminal: `--yes`. */
function allow(): Promise<void> {
  const asked = {
    commands: ['true'],
    text: 'digest',
    refusal: { code: 'COPPICE_NOT_CONFIRMED', message: '', again: '' },
  } as const;
  return requireAllowed(asked, true, {} as Ports);
}

/** Where programs are looked up, in the folders of this test. */
function machine(): Machine {
  return { folder: paths().toolchain, lockFile: join(paths().data, 'checksums.json') } as Machine;
}

/** Where the embedded cluster keeps what its supervisor reads and writes. */
function layout(): Layout {
  return { state: join(folder, 'run', 'state.json'), plan: join(folder, 'run', 'plan.json') } as Layout;
}

/** Undefined is a folder. Root may read every file, so that a link to itself stands for what may not be read. */
const unreadable = { linksTo: 'itself' };
type Damage = string | undefined | typeof unreadable;

const damages: Readonly<Record<string, Damage>> = {
  empty: '',
  'zeros of the same length': '\0\0\0\0\0\0',
  'cut short': '{"driver": "embedded", "kube',
  'not JSON': 'driver: embedded',
  'a list': '[]',
  null: 'null',
  'of a newer version': '{"version": 99}',
  'a folder': undefined,
  unreadable,
};

const table = states.flatMap(([name, file, read]) =>
  Object.entries(damages).map(([damage, text]) => ({ name, file, read, damage, text })),
);

it.each(table)('stops at the $name that is $damage, and leaves it as it is', async ({ file, read, text }) => {
  const path = damage(join(paths().data, file), text);
  await expect(read()).rejects.toMatchObject({
    code: 'COPPICE_DAMAGED',
    exitCode: 1,
    message: expect.stringContaining(path),
    hint: expect.stringMatching(/\w/),
  });
  expect(contentOf(path)).toBe(text);
});

it.each(states)('takes an absent %s for absent', async (_, __, read) => {
  await expect(read()).resolves.not.toThrow();
});

it('stops at the record of a cluster with a field of another kind', async () => {
  damage(paths().clusterRecord, '{"driver":"k3d","kubeconfig":7}');
  await expect(readClusterRecord()).rejects.toThrow('its kubeconfig is not a string');
});

/** Files that are recreated at no loss. */
const caches: readonly (readonly [name: string, file: () => string, read: () => Promise<unknown>])[] = [
  ['record of an up', () => join(paths().environments, 'app', 'slug.json'), () => readRecord('app', 'slug')],
  [
    'record of a run',
    () => join(paths().environments, 'app', 'slug.run.json'),
    () => readRun({ project: 'app', stack: 'slug' }),
  ],
  ['state of the supervisor', () => layout().state, async () => readState(layout())],
  ['plan of the supervisor', () => layout().plan, async () => readPlan(layout().plan)],
  [
    'memory of programs on PATH',
    () => join(machine().folder, 'found.json'),
    async () => recall(readMemory(machine()), 'kubectl', manifest.programs.kubectl),
  ],
  ['digest', () => join(paths().cache, 'digests', sha256('key')), () => digests.read('key')],
];

it.each(caches)('recreates a damaged %s', async (_, file, read) => {
  for (const text of Object.values(damages)) {
    damage(file(), text);
    expect(await read()).toBeUndefined();
    rmSync(file(), { recursive: true });
  }
});

/** Puts that text, or what else stands for it, at a path. */
function damage(path: string, text: Damage): string {
  mkdirSync(dirname(path), { recursive: true });
  if (text === undefined) mkdirSync(path);
  else if (typeof text === 'string') writeFileSync(path, text);
  else symlinkSync(path, path);
  return path;
}

function contentOf(path: string): Damage {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return unreadable;
  return found.isDirectory() ? undefined : readFileSync(path, 'utf8');
}

it.each(['', '# none\n', 'driver: embedded\n'])(
  'takes settings that are %j as a person wrote them',
  async (text) => {
    damage(paths().settings, text);
    expect((await loadSettings()).driver).toBe(text.includes('embedded') ? 'embedded' : undefined);
  },
);

it.each(['\0\0\0\0', 'driver: embedded\n\0\0\0', 'driver: {', 'embe', '[]', undefined, unreadable])(
  'stops at settings that are damaged: %#',
  async (text) => {
    const file = damage(paths().settings, text);
    await expect(loadSettings()).rejects.toMatchObject({
      code: 'COPPICE_SETTINGS',
      message: expect.stringContaining(file),
    });
  },
);
