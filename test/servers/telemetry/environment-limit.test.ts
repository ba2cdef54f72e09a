import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';

/** As the installer of the toolchain builds it: with nothing of the user's own Go settings. */
function go(...words: string[]) {
  const cwd = join(packageRoot(), 'toolchain', 'modules', 'otel-collector');
  const env = { ...process.env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };
  return spawnSync('go', words, { cwd, env, encoding: 'utf8' });
}

test('the processor that limits environments passes its own tests in Go', ({ skip }) => {
  skip(go('version').error !== undefined, 'there is no `go` on PATH');
  const { status, stdout, stderr } = go('test', 'coppice.dev/toolchain/otel-collector/environmentlimit');
  expect(status, `${stdout}${stderr}`).toBe(0);
});
