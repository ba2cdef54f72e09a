import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Annotation } from '../../core/labels.ts';
import type { Platforms } from '../../core/node-platform.ts';
import { packageRoot } from '../../core/package-root.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { planOf, record, shop } from './plans.ts';
import { type RecordedResource, type Relations, resourcesOf } from './resources.ts';

const node = { operatingSystem: 'linux', architecture: 'arm64' };
const mac: Platforms = { host: { platform: 'darwin', arch: 'arm64' }, node };
const linux: Platforms = { host: { platform: 'linux', arch: 'arm64' }, node };
const installFiles = [{ path: 'package-lock.json', sha256: 'a'.repeat(64) }];
const spec = `${shop}install: npm ci\n`;
const made = (text: string, platforms: Platforms, relations?: Map<string, Relations>) => {
  const plan = planOf(text, { platforms, installFiles });
  return resourcesOf('shop', plan.slug, environmentProgram({ plan, record }), relations);
};

describe('where host and nodes differ', () => {
  let resources: RecordedResource[];
  const relations = new Map<string, Relations>();

  beforeAll(async () => {
    resources = await made(spec, mac, relations);
  });

  test('creates exactly the resources in install.json', async () => {
    await expect(`${JSON.stringify(resources, null, 2)}\n`).toMatchFileSnapshot('install.json');
  });

  test('one volume is filled for all services, before their pods start', () => {
    expect(resources.filter(({ type }) => type === 'coppice:index:Install').map(({ name }) => name)).toEqual([
      'web',
    ]);
    for (const service of ['web', 'api', 'worker']) expect(pods(resources)).toHaveProperty(service);
    // A name alone does not distinguish the volume of `web` from its Deployment: what waits for itself would be a
    // cycle.
    for (const service of ['api', 'worker']) expect(relations.get(service)?.dependencies).toContain('web');
  });

  test('every pod sees it over node_modules, and the worktree besides', () => {
    const claim = resources.find(({ type }) => type === 'coppice:index:Install')?.inputs as {
      install: { name: string };
    };
    for (const { spec } of Object.values(pods(resources))) {
      expect(spec.volumes).toContainEqual({
        name: 'installed',
        persistentVolumeClaim: { claimName: claim.install.name },
      });
      const [, , over] = spec.containers[0]?.volumeMounts ?? [];
      expect(over).toEqual({ name: 'installed', mountPath: '/app/node_modules', subPath: 'node_modules' });
    }
  });

  test('a changed lock file means another volume, so every pod is replaced', async () => {
    const plan = planOf(spec, {
      platforms: mac,
      installFiles: [{ path: 'package-lock.json', sha256: 'b'.repeat(64) }],
    });
    const later = pods(await resourcesOf('shop', plan.slug, environmentProgram({ plan, record })));
    for (const [service, { metadata }] of Object.entries(pods(resources)))
      expect(later[service]?.metadata.annotations[Annotation.configHash]).not.toBe(
        metadata.annotations[Annotation.configHash],
      );
  });
});

describe('where they are the same', () => {
  test('nothing differs from an environment without install:', async () => {
    expect(await made(spec, linux)).toEqual(await made(shop, linux));
  });

  test('on Linux the example is as it would be without its install:', async () => {
    const text = readFileSync(join(packageRoot(), 'examples', 'shop', 'coppice.yaml'), 'utf8');
    const without = text.replace(/^install:.*\n/m, '');
    expect(without).not.toBe(text);
    const databaseFiles = {
      migrations: [],
      tools: [],
      seed: [{ path: 'db/seed.sql', sha256: 'c'.repeat(64) }],
    };
    const resources = (spec: string) => {
      const plan = planOf(spec, { platforms: linux, databaseFiles });
      return resourcesOf('shop', plan.slug, environmentProgram({ plan, record }));
    };
    expect(await resources(text)).toEqual(await resources(without));
  });
});

interface Template {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly volumes: readonly object[];
    readonly containers: readonly { readonly volumeMounts: readonly object[] }[];
  };
}

/** Pod templates by service. */
function pods(resources: readonly RecordedResource[]): Record<string, Template> {
  return Object.fromEntries(
    resources
      .filter(({ type }) => type.endsWith(':Deployment'))
      .map(({ name, inputs }) => [name, (inputs as { spec: { template: Template } }).spec.template]),
  );
}
