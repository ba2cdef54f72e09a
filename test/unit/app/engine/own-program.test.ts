import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isPlain, misnamedProject, ownProgram } from '../../../../app/engine/own-program.ts';
import { initialize } from '../../../../app/init/init.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-own-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
const withResources = `const { environment } = require('coppice');
const k8s = require('@pulumi/kubernetes');
const env = environment();
new k8s.core.v1.ConfigMap('mine', {});
module.exports = { url: env.url };
`;

test.each([['{"name":"shop"}'], [undefined]])(
  'for the program of wt init, which adds nothing, wt runs its own (package.json: %s)',
  async (manifest) => {
    if (manifest) write('package.json', manifest);
    const { guessed } = await initialize(folder);
    expect(await ownProgram(folder, guessed.app)).toBeUndefined();
  },
);

test.each(['Pulumi.yaml', 'infra/Pulumi.yaml'])(
  'a program with its own resources in %s is run as it is',
  async (file) => {
    write(file, 'name: shop\nruntime: nodejs\nmain: index.js\n');
    write(join(dirname(file), 'index.js'), withResources);
    const place = join(folder, dirname(file) === '.' ? '' : dirname(file));
    expect(await ownProgram(folder, 'shop')).toEqual({ folder: place, runs: true });
  },
);

const cloud = `import * as aws from '@pulumi/aws';
// const { environment } = require('coppice'); environment();
const text = "import { environment } from 'coppice'";
export const environment = new aws.s3.Bucket('x').id;
`;

test.each([
  ['a TypeScript program of another kind', 'runtime: nodejs', { 'index.ts': cloud }],
  ['one with its options', 'runtime: { name: nodejs }', { 'index.ts': cloud }],
  ['one whose main is elsewhere', 'runtime: nodejs\nmain: src/cloud.ts', { 'src/cloud.ts': cloud }],
  [
    'one that only takes types',
    'runtime: nodejs',
    {
      'index.ts': "import type { EnvironmentHandle } from 'coppice';\nexport const environment = 1;\n",
    },
  ],
  ['one without a program', 'runtime: nodejs', {}],
  ['Python', 'runtime: python', { '__main__.py': 'from coppice import environment' }],
  ['Go', 'runtime: go', { 'main.go': 'package main' }],
  ['YAML', 'runtime: yaml', {}],
  ['Python beside JavaScript', 'runtime: python', { 'index.js': withResources }],
])('a project with the name of the app is left alone: %s', async (_what, project, files) => {
  write('infra/Pulumi.yaml', `name: shop\n${project}\n`);
  for (const [file, text] of Object.entries(files)) write(join('infra', file), text);
  expect(await ownProgram(folder, 'shop')).toEqual({ folder: join(folder, 'infra'), runs: false });
});

const calling = (from: string) =>
  `import { environment } from '${from}';\nexport const { url } = environment();\nnew Thing();\n`;

test.each([
  [
    'an import of all',
    { 'index.ts': "import * as coppice from 'coppice';\nnew T(coppice.environment());\n" },
  ],
  ['a name of its own', { 'index.ts': "import { environment as env } from 'coppice';\nnew T(env());\n" }],
  [
    'import = require',
    { 'index.ts': "import coppice = require('coppice');\nnew T(coppice.environment());\n" },
  ],
  ['a comment with an URL before', { 'index.ts': `const a = 'https://x'; ${calling('coppice')}` }],
  [
    'a file of its own',
    { 'index.ts': "import './sub/all.js';\nnew T();\n", 'sub/all.ts': calling('coppice') },
  ],
  ['a folder of its own', { 'index.ts': "import './sub';\nnew T();\n", 'sub/index.ts': calling('coppice') }],
  ['main of package.json', { 'package.json': '{"main":"p.ts"}', 'p.ts': calling('coppice') }],
  [
    'a package of the workspace',
    {
      'index.ts': calling('@acme/env'),
      '../packages/env/package.json': '{"name":"@acme/env","main":"index.js"}',
      '../packages/env/index.js': "export * from 'coppice';\n",
    },
  ],
])('a program is about environments by %s', async (_what, files) => {
  write('infra/Pulumi.yml', 'name: shop\nruntime:\n  name: nodejs\n');
  for (const [file, text] of Object.entries(files)) write(join('infra', file), text as string);
  mkdirSync(join(folder, 'node_modules', '@acme'), { recursive: true });
  symlinkSync(join(folder, 'packages', 'env'), join(folder, 'node_modules', '@acme', 'env'));
  expect(await ownProgram(folder, 'shop')).toEqual({ folder: join(folder, 'infra'), runs: true });
});

test('a program that has our name in a package of others is left alone', async () => {
  write('infra/Pulumi.yaml', 'name: shop\nruntime: nodejs\n');
  write('infra/index.js', calling('env'));
  write('node_modules/env/package.json', '{"name":"env","main":"index.js"}');
  write('node_modules/env/index.js', "module.exports = require('coppice');\n");
  expect(await ownProgram(folder, 'shop')).toMatchObject({ runs: false });
});

test('an unrelated Pulumi project is not touched', async () => {
  write('Pulumi.yaml', 'name: our-aws-account\nruntime: nodejs\n');
  write('index.js', withResources);
  expect(await ownProgram(folder, 'shop')).toBeUndefined();
});

test('a program about environments whose project has another name than coppice.yaml is named', async () => {
  write('infra/Pulumi.yaml', 'name: store\nruntime: nodejs\n');
  write('infra/index.js', withResources);
  expect(await ownProgram(folder, 'shop')).toBeUndefined();
  expect(await misnamedProject(folder, 'shop')).toEqual({ folder: join(folder, 'infra'), name: 'store' });
  expect(await misnamedProject(folder, 'store')).toBeUndefined();
  write('infra/index.js', "require('aws');\n");
  expect(await misnamedProject(folder, 'shop')).toBeUndefined();
  write('Pulumi.yaml', 'name: store\nruntime: nodejs\nmain: node_modules/coppice/dist/program/main.cjs\n');
  expect(await misnamedProject(folder, 'shop')).toEqual({ folder, name: 'store' });
});

test('a program that only passes on the result of environment() is plain, whatever its comments contain', () => {
  expect(
    isPlain(
      "// new Thing()\nconst { environment } = require('coppice');\n\nconst env = environment();\nmodule.exports = { url: env.url };\n",
    ),
  ).toBe(true);
  expect(
    isPlain("const { environment } = require('coppice');\nmodule.exports = environment().outputs;\n"),
  ).toBe(true);
  expect(isPlain(withResources)).toBe(false);
  expect(
    isPlain(
      "const { environment } = require('coppice'); const env = environment({ as: 'x' }); module.exports = {};",
    ),
  ).toBe(false);
});
