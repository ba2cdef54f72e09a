import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import validRange from 'semver/ranges/valid.js';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { builtName } from '../../../toolchain/fallback/go.ts';
import { manifest, programNames } from '../../../toolchain/manifest.ts';
import type { Platform } from '../../../toolchain/manifest-entry.ts';
import { locate } from '../../../toolchain/release/template.ts';

const platforms: Platform[] = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'];
const modules = join(packageRoot(), 'toolchain', 'modules');

describe.each(programNames)('%s', (name) => {
  const program = manifest.programs[name];

  test('has a purpose and a version with a number in it', () => {
    expect(program.purpose).not.toBe('');
    expect(program.version).toMatch(/^\d+\.\d+/);
  });

  test('has a range of fitting versions that semver understands, or a reason why it is never taken from PATH', () => {
    if ('never' in program.onPath) expect(program.onPath.never).not.toBe('');
    else {
      expect(validRange(program.onPath.fits)).not.toBeNull();
      expect(program.onPath.ask.length).toBeGreaterThan(0);
    }
  });

  test('has well-formed URLs of a release and its checksum on every platform that has one', () => {
    const { release } = program;
    for (const platform of platforms) {
      const located = locate(program, platform);
      const expected = 'url' in release && release.platforms[platform] !== undefined;
      expect(located !== undefined).toBe(expected);
      for (const text of located ? [located.url, located.checksumUrl] : []) {
        const url = new URL(text);
        expect(url.protocol).toBe('https:');
        expect(text).not.toMatch(/[{}\s]|undefined/);
        expect(url.pathname).toContain(program.version);
      }
    }
  });

  test('is available on every system that it is for: from a release, a registry, or both', () => {
    for (const system of program.systems) {
      const released = platforms.filter(
        (platform) => platform.startsWith(system) && locate(program, platform),
      );
      expect(released.length === 2 || 'kind' in program.fallback).toBe(true);
    }
  });

  test('if built with Go, names one of our modules whose go.mod pins the same version', () => {
    const { fallback } = program;
    if (!('kind' in fallback) || fallback.kind !== 'go') return;
    expect(Object.keys(manifest.goModules)).toContain(fallback.module);
    const text = readFileSync(join(modules, fallback.module, 'go.mod'), 'utf8');
    if (fallback.package === '.') expect(existsSync(join(modules, fallback.module, 'main.go'))).toBe(true);
    else {
      expect(text).toContain(fallback.package);
      expect(text).toContain(`v${fallback.version ?? program.version}`);
    }
  });
});

test("what Go builds is found under Go's name for it", () => {
  const names = (['kine', 'k3d', 'kubelet', 'pulumi-resource-kubernetes'] as const).map((name) => {
    const { fallback } = manifest.programs[name];
    return 'kind' in fallback && fallback.kind === 'go' ? builtName(fallback.module, fallback) : undefined;
  });
  expect(names).toEqual(['kine', 'k3d', 'kubelet', 'pulumi-resource-kubernetes']);
});

test('contains no digest, since a digest is read from the release itself', () => {
  expect(JSON.stringify(manifest)).not.toMatch(/[0-9a-f]{40}/);
});

test.each(Object.keys(manifest.goModules))('the Go module %s has committed checksums', (module) => {
  expect(readFileSync(join(modules, module, 'go.sum'), 'utf8')).toMatch(/ h1:/);
});

test("Kubernetes' programs are built from one module, so that they have one version", () => {
  // Its name says what it works with: it is a project of its own.
  const others = ['kube-network-policies'];
  const fromKubernetes = programNames.filter((name) => name.startsWith('kube') && !others.includes(name));
  expect(fromKubernetes).toHaveLength(7);
  for (const name of fromKubernetes)
    expect(manifest.programs[name].fallback).toMatchObject({ module: 'kubernetes' });
});

test('what the cluster needs is built before what the engine needs', () => {
  const order = Object.keys(manifest.goModules);
  expect(Math.max(...['kubernetes', 'kine', 'coredns'].map((name) => order.indexOf(name)))).toBeLessThan(
    order.indexOf('pulumi'),
  );
});
