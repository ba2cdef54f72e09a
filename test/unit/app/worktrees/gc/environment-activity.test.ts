import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ports } from '../../../../../app/ports.ts';
import { activityOf } from '../../../../../app/worktrees/gc/environment-activity.ts';
import { addPlatformParts } from '../../../../../core/state/platform-parts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-activity-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Without database and workflows: no server of its own is asked. */
const plain = { app: 'shop', slug: 'feat' };
const of = async (up: boolean) => (await activityOf([plain], up, {} as Ports))(plain);

test('where telemetry never joined, an environment without servers is known without the cluster', async () => {
  expect(await of(false)).toEqual({ workflows: { value: 0 }, touches: { value: [] } });
});

test.each([
  ['the cluster does not answer', false],
  ['there is no record of it', true],
])('where it has joined and %s, when it was touched is unknown', async (_, up) => {
  await addPlatformParts(['collector', 'metrics']);
  expect(await of(up)).toEqual({
    workflows: { value: 0 },
    touches: { unknown: expect.stringMatching(/^requests are not known: /) },
  });
});
