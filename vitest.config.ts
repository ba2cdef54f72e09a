import { defineConfig } from 'vitest/config';

/** Tests against a real server or the one real cluster run one after the other; the rest side by side. Timeouts are for what hangs. */
const testTimeout = process.env.COPPICE_TEST_SOAK === undefined ? 600_000 : 3_600_000;
const real = { fileParallelism: false, testTimeout, hookTimeout: 600_000 };

/** Tests of plain code: files share a process, and as-found.ts fails those that would leave something to the next. */
const quick = { isolate: false, setupFiles: ['test/unit/as-found.ts'], testTimeout: 60_000 };

// Where the engine is somebody's own there are no stand-ins, nor is it tampered with.
const k3d =
  process.env.COPPICE_TEST_ENGINE === 'running' ? 'test/k3d/environment.test.ts' : 'test/k3d/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...quick } },
      { test: { name: 'golden', include: ['test/golden/**/*.test.ts'], ...quick } },
      { test: { name: 'postgres', include: ['test/servers/postgres/**/*.test.ts'], ...real } },
      { test: { name: 'temporal', include: ['test/servers/temporal/**/*.test.ts'], ...real } },
      { test: { name: 'telemetry', include: ['test/servers/telemetry/**/*.test.ts'], ...real } },
      {
        test: { name: 'worktrees', include: ['test/worktrees/**/*.test.ts'], ...real, fileParallelism: true },
      },
      { test: { name: 'engine', include: ['test/engine/**/*.test.ts'], ...real } },
      { test: { name: 'trouble', include: ['test/trouble/**/*.test.ts'], ...real } },
      { test: { name: 'driver', include: ['test/driver/**/*.test.ts'], ...real } },
      { test: { name: 'k3d', include: [k3d], ...real } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...real } },
    ],
  },
});
