import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { environmentChecks } from '../../../../app/doctor/environment.ts';
import { type EnvironmentRecord, writeRecord } from '../../../../app/environments/record.ts';
import type { Ports } from '../../../../app/ports.ts';
import { makeRepository, type TestRepository } from '../../git/repository.ts';

let repository: TestRepository;
let data: string;
beforeEach(() => {
  repository = makeRepository();
  writeFileSync(join(repository.top, 'coppice.yaml'), 'version: 1\nname: shop\nservices: {}\n');
  repository.commit('a');
  data = mkdtempSync(join(tmpdir(), 'coppice-doctor-'));
  vi.stubEnv('XDG_DATA_HOME', data);
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
  rmSync(data, { recursive: true });
});

test('an environment that another branch brought up from this worktree is a problem of it', async () => {
  const ports = { cwd: repository.top } as unknown as Ports;
  const found = { app: 'shop', slug: 'main', branch: 'main', worktree: repository.top };
  await writeRecord(found as EnvironmentRecord);
  expect((await environmentChecks(ports)).filter(({ ok }) => !ok)).toEqual([]);
  repository.git('switch', '-q', '-c', 'feat-b');
  expect((await environmentChecks(ports)).filter(({ ok }) => !ok)).toEqual([
    {
      name: 'shop/main',
      ok: false,
      detail: expect.stringContaining('on feat-b now'),
      fix: 'wt down shop/main, or switch back',
    },
  ]);
});
