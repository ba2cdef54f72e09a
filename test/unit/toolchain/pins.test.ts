import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import satisfies from 'semver/functions/satisfies.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../../core/package-root.ts';
import { pins } from '../../../core/pins.ts';
import { manifest } from '../../../toolchain/manifest.ts';
import { fallbackVersion } from '../../../toolchain/manifest-entry.ts';

const root = packageRoot();
const { programs, goModules } = manifest;
const languageHost = fallbackVersion(programs['pulumi-language-nodejs']);
/** Ours has a processor more. */
const collectorRelease = programs.otelcol.version.split('-')[0] ?? '';
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';
const goMod = (module: string) => readFileSync(join(root, 'toolchain', 'modules', module, 'go.mod'), 'utf8');

/**
 * Version of the program that a Go module builds. The Kubernetes provider's releases are not versions of its module.
 */
const built: Readonly<Record<string, readonly [path: string, version: string]>> = {
  kubernetes: ['k8s.io/kubernetes', programs.kubelet.version],
  kine: ['github.com/k3s-io/kine', programs.kine.version],
  coredns: ['github.com/coredns/coredns', programs.coredns.version],
  pulumi: ['github.com/pulumi/pulumi/pkg/v3', programs.pulumi.version],
  'pulumi-language-nodejs': ['github.com/pulumi/pulumi/sdk/v3', languageHost],
  k3d: ['github.com/k3d-io/k3d/v5', programs.k3d.version],
  victorialogs: ['github.com/VictoriaMetrics/VictoriaLogs', programs['victoria-logs'].version],
  'otel-collector': [`${contrib}/processor/transformprocessor`, collectorRelease],
  prometheus: ['github.com/prometheus/prometheus', fallbackVersion(programs.prometheus)],
  jaeger: ['github.com/jaegertracing/jaeger', fallbackVersion(programs.jaeger)],
  'kube-network-policies': ['sigs.k8s.io/kube-network-policies', programs['kube-network-policies'].version],
};

test.each(Object.entries(built))(
  'go.mod of %s requires the version of the manifest',
  (module, [path, version]) => {
    expect(goMod(module)).toMatch(new RegExp(`^(require|\\s)\\s*${path} v${version}( // indirect)?$`, 'm'));
  },
);

test('every Go module is compared with the manifest, or has no version to compare', () => {
  const modules = readdirSync(join(root, 'toolchain', 'modules')).sort();
  expect(modules).toEqual(Object.keys(goModules).sort());
  expect(modules).toEqual([...Object.keys(built), 'pulumi-resource-kubernetes'].sort());
});

test('versions built into a program are those in the manifest', () => {
  for (const [module, version] of [
    ['kubernetes', programs.kubelet.version],
    ['pulumi', programs.pulumi.version],
    ['pulumi-language-nodejs', languageHost],
    ['k3d', programs.k3d.version],
    ['pulumi-resource-kubernetes', pins.pulumiKubernetes],
    ['victorialogs', `victoria-logs-${programs['victoria-logs'].version}`],
    ['prometheus', programs.prometheus.version],
    ['jaeger', programs.jaeger.version],
  ] as const)
    expect(goModules[module]?.ldflags, module).toMatch(new RegExp(`=v?${version}( |$)`));
  const collector = join(root, 'toolchain', 'modules', 'otel-collector', 'main.go');
  expect(readFileSync(collector, 'utf8')).toContain(`"${collectorRelease}"`);
});

test('the source of the Collector has the parts that its builder was given, at one version', () => {
  const folder = join(root, 'toolchain', 'modules', 'otel-collector');
  const { dist, ...kinds } = parse(readFileSync(join(folder, 'builder.yaml'), 'utf8'));
  expect(dist.version).toBe(collectorRelease);
  const source = ['components.go', 'main.go']
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('');
  const parts = Object.values<{ gomod: string }[]>(kinds).flat();
  for (const { gomod } of parts) {
    const [path = '', version = ''] = gomod.split(' ');
    expect(source).toContain(`"${path}"`);
    expect(goMod('otel-collector')).toContain(`${path} ${version}\n`);
    if (!path.includes('/provider/')) expect(version).toBe(`v${collectorRelease}`);
  }
});

test('what only telemetry needs is built last', () => {
  expect(Object.keys(goModules).slice(-5)).toEqual([
    'victorialogs',
    'otel-collector',
    'prometheus',
    'jaeger',
    'kube-network-policies',
  ]);
});

test('the package, the plugin and the program of Pulumi for Kubernetes have one version', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(dependencies['@pulumi/kubernetes']).toBe(pins.pulumiKubernetes);
  expect(programs['pulumi-resource-kubernetes'].version).toBe(pins.pulumiKubernetes);
});

test('a kubectl on PATH may be one minor version away from the cluster, and no further', () => {
  const [major, minor] = programs.kubectl.version.split('.').map(Number);
  const { onPath } = programs.kubectl;
  const fits = 'fits' in onPath ? onPath.fits : '';
  const taken = [-2, -1, 0, 1, 2].filter((away) => satisfies(`${major}.${(minor ?? 0) + away}.0`, fits));
  expect(taken).toEqual([-1, 0, 1]);
});

test('workflows take another cache, and try every release, when a pin changes in either of its files', () => {
  const workflow = (name: string) => readFileSync(join(root, '.github', 'workflows', name), 'utf8');
  for (const name of ['ci.yml', 'k3d.yml'])
    expect(workflow(name)).toContain("hashFiles('toolchain/manifest.ts', 'core/pins.ts')");
  const { on } = parse(workflow('toolchain.yml'));
  for (const { paths } of [on.push, on.pull_request])
    expect(paths).toEqual(expect.arrayContaining(['toolchain/**', 'core/pins.ts']));
});

/** Texts that are examples, sources of a constant or of an old release, and not pins. */
const source = /https?:\/\/|\/\*\*|^\s*(\*|\/\/)|`[^`]*`\s*$/;

test('no pin from the manifest is repeated in the source', () => {
  const shared = [pins.pulumiKubernetes, pins.gatewayApi, programs.kubelet.version, programs.pulumi.version];
  const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')));
  const copies = rooms.flatMap((room) =>
    (readdirSync(join(root, room), { recursive: true }) as string[])
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file))
      .filter((file) => !['core/pins.ts', 'toolchain/manifest.ts'].includes(file))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .filter((line) => !source.test(line) && shared.some((version) => line.includes(version)))
          .map((line) => `${file}: ${line.trim()}`),
      ),
  );
  expect(copies).toEqual([]);
});
