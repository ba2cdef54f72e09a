import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { upstreamImages } from '../../../cluster/images/catalogue.ts';
import { packageRoot } from '../../../core/package-root.ts';
import { postgresqlVersion } from '../../../infra/environment/postgresql/plugin.ts';

const page = (name: string) => readFileSync(join(packageRoot(), 'docs', name), 'utf8');

test('docs/images.md lists every image with its upstream reference', () => {
  const rows = [...page('images.md').matchAll(/^\| `([\w-]+)` \| `([^`]+)` \|/gm)];
  const shown = Object.fromEntries(rows.map(([, name, reference]) => [name, reference]));
  const { node, ...others } = upstreamImages();
  expect(shown).toEqual({ node: node.replace(process.versions.node, '<version>'), ...others });
});

test('docs/database.md installs the version of the plugin that a stack asks for', () => {
  const versions = [...page('database.md').matchAll(/pulumi plugin install resource postgresql ([\d.]+)/g)];
  expect(versions.map(([, version]) => version)).toEqual([postgresqlVersion]);
});
