import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { contentHash } from '../../../app/environments/content-hash.ts';
import { guess } from '../../../app/init/guess.ts';
import { appsIn } from '../../../app/target/specs.ts';
import { readDatabaseFiles, watchedFiles } from '../../../config/files/database.ts';
import { readInstallFiles } from '../../../config/files/install.ts';
import { filesMatching } from '../../../config/files/matching.ts';
import { readSetupFiles } from '../../../config/files/setup.ts';
import { loadSpec } from '../../../config/spec/load.ts';
import { filesNamed } from '../../../git/files.ts';
import { identify } from '../../../git/identity.ts';
import { makeRepository, type TestRepository } from '../git/repository.ts';

/** Everything that looks at the files of an app, by what it is for. A new walk belongs here. */
const looks: Readonly<Record<string, (top: string) => Promise<unknown>>> = {
  'every pattern of a spec': (top) => filesMatching(top, ['**/*', '**/*.sql', 'link/*.sql']),
  'migrations, repeatable and generated files, tools, seed': async (top) => {
    const { spec, folder } = await loadSpec(join(top, 'coppice.yaml'));
    const cache = { read: async () => undefined, write: async () => {} };
    const options = { digests: cache, dumpOf: () => '' };
    return [
      await readDatabaseFiles({ ...(await loadSpec(join(top, 'coppice.yaml'))) }, options),
      watchedFiles(spec.database, options),
      folder,
    ];
  },
  'inputs of install': async (top) =>
    readInstallFiles(
      await loadSpec(join(top, 'coppice.yaml')),
      {
        host: { platform: 'darwin', arch: 'arm64' },
        node: { operatingSystem: 'linux', architecture: 'arm64' },
      },
      undefined,
    ),
  'inputs of setup': (top) => readSetupFiles(['npm ci', 'node setup.js'], { folder: top, worktree: top }),
  'content that decides whether an up is quick': async (top) =>
    contentHash({
      identity: await identify(top),
      specFile: join(top, 'coppice.yaml'),
      profile: 'local',
      watched: { patterns: ['**/*.sql', '**/package-lock.json'], files: [] },
    }),
  'what wt init guesses': (top) => guess(top, top, undefined),
  'apps of a worktree': (top) => appsIn(top),
  'files of one name': (top) => filesNamed(top, 'package.json'),
};

const spec = `version: 1
name: shop
services: { web: { runtime: node, command: node web.js, port: 3000 } }
install: { command: npm ci, inputs: ["**/package-lock.json"] }
database:
  migrate: { command: node migrate.js, inputs: ["**/*.sql"], repeatable: ["**/R__*.sql"], generated: ["**/schema.sql"] }
`;

let repository: TestRepository;
beforeEach(() => {
  repository = makeRepository();
  vi.stubEnv('XDG_DATA_HOME', join(repository.folder, 'data'));
  vi.stubEnv('XDG_CONFIG_HOME', join(repository.folder, 'config'));
  write('coppice.yaml', spec);
  write(
    'package.json',
    '{"name":"shop","scripts":{"start":"node web.js"},"workspaces":["apps/*",".worktrees/*","vendor/*"]}',
  );
  write('package-lock.json', '{}');
  write(
    'apps/web/package.json',
    '{"name":"web","scripts":{"start":"node web.js"},"dependencies":{"pg":"8"}}',
  );
  for (const file of ['1', 'R__views', 'schema']) write(`migrations/${file}.sql`, 'SELECT 1;');
  repository.git('add', '--all');
  repository.git('commit', '-q', '-m', 'Begin');
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
});

function write(file: string, text: string): void {
  const path = join(repository.top, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test.each(Object.entries(looks))(
  '%s: the same with and without worktrees and repositories inside',
  async (_what, look) => {
    const before = await look(repository.top);
    const inside = (path: string) => join(repository.top, path);
    repository.git('worktree', 'add', '-q', inside('.worktrees/feat'), '-b', 'feat');
    repository.git('worktree', 'add', '-q', '--detach', inside('apps/nested'));
    repository.git('clone', '-q', repository.top, inside('vendor/clone'));
    for (const one of ['.worktrees/feat', 'apps/nested', 'vendor/clone']) {
      cpSync(inside('migrations/1.sql'), inside(`${one}/migrations/2.sql`));
      write(`${one}/apps/api/coppice.yaml`, spec.replace('shop', 'api'));
    }
    symlinkSync('.worktrees/feat/migrations', inside('link'));
    expect(await look(repository.top)).toEqual(before);
  },
);
