import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isPlain } from '../../../../app/engine/own-program.ts';
import { init } from '../../../../cli/verbs/init.ts';
import { parseSpec } from '../../../../config/spec/load.ts';
import { testPorts } from '../ports.ts';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'coppice-init-')), 'My_Shop');
  mkdirSync(folder);
});
afterEach(() => rmSync(dirname(folder), { recursive: true }));

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const specOf = () => parseSpec(read('coppice.yaml'), { file: join(folder, 'coppice.yaml') });
const run = () => init.run([undefined], {}, testPorts({ cwd: folder }));

describe('wt init', () => {
  test('writes a spec that is valid, in an empty folder too', async () => {
    const { text } = await run();
    expect(specOf()).toMatchObject({ name: 'my-shop', services: { web: { runtime: 'node' } } });
    expect(text).toContain('wrote coppice.yaml');
    expect(text).toContain('no service could be guessed');
  });

  test('uses the name and the start script from package.json', async () => {
    write('package.json', JSON.stringify({ name: '@acme/web-shop', scripts: { start: 'node x.js' } }));
    await run();
    expect(specOf()).toMatchObject({
      name: 'web-shop',
      services: { web: { command: 'exec node x.js', port: 3000 } },
    });
  });

  test('passes the port to a framework that does not read PORT', async () => {
    write('package.json', JSON.stringify({ scripts: { dev: 'vite' }, devDependencies: { vite: '7' } }));
    write('package-lock.json', '{}');
    await run();
    expect(specOf().services.web?.command).toMatch(/ && exec vite --host 0\.0\.0\.0 --port 3000$/);
    expect(specOf().setup).toEqual(['npm ci']);
  });

  test("installs for the pods too where the services' image has npm", async () => {
    write('package.json', JSON.stringify({ scripts: { start: 'x' }, dependencies: { pg: '8' } }));
    write('package-lock.json', '{}');
    await run();
    expect(specOf().install).toBe('npm ci');
  });

  test.each(['pnpm-lock.yaml', 'yarn.lock'])(
    'writes no install for a %s, whose program the image lacks',
    async (lock) => {
      write('package.json', JSON.stringify({ scripts: { start: 'x' }, dependencies: { pg: '8' } }));
      write(lock, '');
      await run();
      expect(specOf().setup).toHaveLength(1);
      expect(specOf().install).toBeUndefined();
    },
  );

  test('creates a service for every process of a Procfile except release', async () => {
    write(
      'Procfile',
      'web: bundle exec puma\nworker_low: bundle exec sidekiq "q"\nrelease: rake db:migrate\n# no\n',
    );
    write('Gemfile', '');
    await run();
    const { services } = specOf();
    expect(Object.keys(services)).toEqual(['web', 'worker-low']);
    expect(services['worker-low']).toMatchObject({
      image: 'ruby:3.4',
      command: expect.stringMatching(/bundle install --quiet && exec bundle exec sidekiq "q"$/),
    });
    expect(services['worker-low']?.port).toBeUndefined();
  });

  test('never overwrites, and reports what it kept', async () => {
    write('coppice.yaml', 'mine');
    const { text } = await run();
    expect(read('coppice.yaml')).toBe('mine');
    expect(text).toContain('kept the existing coppice.yaml');
  });

  test("writes a Pulumi project with the app's name, which repairs like wt", async () => {
    write('package.json', '{"name":"shop"}');
    write('node_modules/coppice/package.json', '{}');
    await run();
    expect(read('Pulumi.yaml')).toMatch(/^name: shop$/m);
    expect(read('Pulumi.yaml')).toMatch(/^ {2}refresh: always$/m);
  });

  test('leaves an existing Pulumi project alone and puts its own beside it', async () => {
    write('package.json', '{"name":"shop"}');
    write('Pulumi.yaml', 'name: theirs\nruntime: python\n');
    await run();
    expect(read('Pulumi.yaml')).toContain('theirs');
    expect(read('infra/Pulumi.yaml')).toMatch(/^name: shop$/m);
    // Pulumi warns at each preview about an export that an environment does not have.
    expect(read('infra/index.js')).toContain('module.exports = environment().outputs;');
    expect(isPlain(read('infra/index.js'))).toBe(true);
  });

  test.each([
    ['infra/Pulumi.yaml', 'name: shop\nruntime: nodejs\n'],
    ['infra/Pulumi.yml', 'name: shop\nruntime: yaml\n'],
    ['Pulumi.yaml', 'name: shop\nruntime: nodejs\nmain: infra/\n'],
    ['Pulumi.yaml', 'name: shop\nruntime: nodejs\nmain: ./infra/program.ts\n'],
  ])("adds nothing to infra/ where %s is a team's Pulumi project", async (file, project) => {
    write('package.json', '{"name":"shop"}');
    write('infra/index.ts', 'export {}');
    write(file, project);
    const { json } = await run();
    expect((json as { written: string[] }).written).toEqual(['coppice.yaml']);
  });

  test.each([[undefined], ['{"name":"shop"}']])(
    'changes nothing when run twice, with package.json %s',
    async (manifest) => {
      if (manifest) write('package.json', manifest);
      await run();
      const before = read('coppice.yaml');
      const { json } = await run();
      expect(read('coppice.yaml')).toBe(before);
      expect((json as { written: string[] }).written).toEqual([]);
    },
  );
});
