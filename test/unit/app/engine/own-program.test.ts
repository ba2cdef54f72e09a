import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isPlain, ownProgram } from '../../../../app/engine/own-program.ts';
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
    expect(await ownProgram(folder, 'shop')).toBe(join(folder, dirname(file) === '.' ? '' : dirname(file)));
  },
);

test('an unrelated Pulumi project is not touched', async () => {
  write('Pulumi.yaml', 'name: our-aws-account\nruntime: nodejs\n');
  write('index.js', withResources);
  expect(await ownProgram(folder, 'shop')).toBeUndefined();
});

test('a program that only passes on the result of environment() is plain, whatever its comments contain', () => {
  expect(
    isPlain(
      "// new Thing()\nconst { environment } = require('coppice');\n\nconst env = environment();\nmodule.exports = { url: env.url };\n",
    ),
  ).toBe(true);
  expect(isPlain(withResources)).toBe(false);
  expect(
    isPlain(
      "const { environment } = require('coppice'); const env = environment({ as: 'x' }); module.exports = {};",
    ),
  ).toBe(false);
});
