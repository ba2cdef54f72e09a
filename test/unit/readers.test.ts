import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';

/**
 * Every source file that parses JSON itself. What `wt` or the engine has written is read by core/state/state-file.ts,
 * which tells a damaged file from an absent one.
 */
const parsers: Readonly<Record<string, string>> = {
  'core/state/state-file.ts': 'the one reader',
  'app/engine/run.ts': 'a line of the event log while it is written; half a line is no event yet',
  'app/engine/last-failure.ts': 'a line of the event log; half a line, of a run that was killed, is no event',
  'app/telemetry/pod-lines.ts': 'what a process of the app printed',
  'servers/telemetry/logs.ts': 'a row of an answer of VictoriaLogs',
  'servers/telemetry/reach.ts': 'an answer of a store, or of the API server before it',
  'app/engine/pending.ts': 'what `pulumi stack export` printed',
  'app/engine/program-modules.ts': "package.json of the user's program",
  'cli/verbs/hook.ts': 'an event of another tool on standard input',
  'app/init/folder.ts': "package.json of the user's repository",
  'config/packages/installed.ts': 'what package managers wrote; what cannot be read counts as not installed',
  'app/worktrees/dependencies/composer.ts': 'what Composer wrote; what cannot be read is not copied',
  'app/worktrees/dependencies/scripts.ts': "package.json of the user's project",
  'app/worktrees/dependencies/venv.ts': "Pipfile.lock of the user's project",
  'config/files/migration-tool.ts': "package.json of the user's repository",
  'app/version.ts': 'package.json of this package',
  'stacks/platform-main.ts': 'package.json of this package',
  'provider/main.ts': 'package.json of this package',
  'app/workflows/presence.ts': "an answer of Temporal's server",
  'app/environments/memory.ts': "a kubelet's answer",
  'app/environments/replicas.ts': 'an annotation of a namespace',
  'servers/postgres/marks/mark.ts': 'a comment on a database',
  'cluster/identity.ts': 'an answer of the API server',
  'cluster/ask-nodes.ts': 'an answer of the API server',
  'cluster/node-addresses.ts': 'an answer of the API server',
  'cluster/kube/api-server.ts': 'a kubeconfig; one that cannot be read is left to the whole client',
  'cluster/kube/client.ts': 'an answer of the API server',
  'cluster/kube/light-kube.ts': 'an answer of the API server',
  'platform/collector/walls.ts': 'what a program of ours printed in a pod',
  'platform/pages/program/kubernetes.ts': 'an answer of the API server',
  'cluster/drivers/embedded/readiness.ts': 'an answer of the API server',
  'cluster/drivers/embedded/preflight.ts': 'what `ip` printed',
  'cluster/drivers/k3d/readiness.ts': 'an answer of the API server',
  'cluster/drivers/k3d/leftovers.ts': 'what docker printed',
  'cluster/drivers/k3d/docker-machine.ts': 'what docker printed',
  'cluster/drivers/k3d/data-volume.ts': 'what docker printed',
  'cluster/drivers/k3d/facts.ts': 'what docker and k3d printed',
  'toolchain/fallback/go.ts': 'what `go` printed',
  'toolchain/release/checksum.ts': 'an answer of a release page',
};

test('what parses JSON without the reader of our files reads no file of ours', () => {
  const rooms = Object.keys(JSON.parse(readFileSync(join(packageRoot(), 'rooms.json'), 'utf8')));
  const sources = globSync(
    rooms.map((room) => `${room}/**/*.ts`),
    { cwd: packageRoot() },
  );
  const parsing = sources.filter((file) =>
    readFileSync(join(packageRoot(), file), 'utf8').includes('JSON.parse('),
  );
  expect(parsing.sort()).toEqual(Object.keys(parsers).sort());
});
