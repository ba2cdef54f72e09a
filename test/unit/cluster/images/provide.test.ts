import { readdirSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import {
  type CatalogueName,
  catalogue,
  catalogueEntry,
  catalogueNames,
} from '../../../../cluster/images/catalogue.ts';
import type { ImageLayout } from '../../../../cluster/images/layout.ts';
import {
  type ImageSources,
  type ImageTarget,
  provideImages,
  requireLinux,
} from '../../../../cluster/images/provide.ts';
import { silent } from '../../../../core/progress.ts';
import { temporaryFolder } from './folder.ts';

let folder: string;
let imported: string[];
let present: string[];
let asked: string[];
let joined: readonly string[];

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', folder);
  imported = [];
  present = [];
  asked = [];
  joined = catalogueNames;
  return () => void vi.unstubAllEnvs();
});

const target = (pullable: boolean): ImageTarget => ({
  importArchives: async (paths) => void imported.push(...paths.map((path) => basename(path))),
  present: async () => present,
  pullable,
  progress: silent,
});

const layout = (name: CatalogueName): ImageLayout => ({
  version: '1',
  entries: [{ kind: 'text', path: 'name', text: name, mode: 0o644 }],
  defaults: {},
});

const sources = (reachable: boolean): ImageSources => ({
  reachable: async (reference) => {
    asked.push(reference);
    return reachable;
  },
  joined: async () => joined,
  layout: async (name) => layout(name),
});

const assembled = (name: CatalogueName) => expect.stringMatching(`^coppice\\.local/${name}:1-[0-9a-f]{8}$`);
const archiveOf = (reference: string) => {
  const [, name, hash] = /^coppice\.local\/(.+):1-(.+)$/.exec(reference) ?? [];
  return `${name}-${hash}.tar`;
};

test('an image that takes minutes to build is provided only once its part has joined', async () => {
  const late = catalogueNames.filter((name) => catalogueEntry(name).onceJoined);
  expect(late).toContain('jaeger');
  joined = ['prometheus'];
  const images = await provideImages(target(false), sources(false));
  expect(late.filter((name) => images[name] !== undefined)).toEqual(['prometheus']);
  joined = [];
  expect(Object.keys(await provideImages(target(true), sources(true)))).not.toContain('prometheus');
});

test('if nothing can be pulled, every image is assembled and imported, and no registry is contacted', async () => {
  const images = await provideImages(target(false), sources(true));
  for (const name of catalogueNames) expect(images[name]).toEqual(assembled(name));
  expect(imported.sort()).toEqual(Object.values(images).map(archiveOf).sort());
  expect(readdirSync(join(folder, 'coppice', 'images')).sort()).toEqual(imported.sort());
  expect(asked).toEqual([]);
});

test('if a registry answers, the upstream references are used', async () => {
  const { node, traefik } = await provideImages(target(true), sources(true));
  expect([node, traefik]).toEqual([catalogue.node.upstream, catalogue.traefik.upstream]);
});

test('the sandbox image is imported even if a registry answers: no pod can start without it', async () => {
  const { pause } = await provideImages(target(true), sources(true));
  expect(pause).toEqual(assembled('pause'));
  expect(imported).toEqual([archiveOf(pause)]);
});

test('if the registry does not answer, images are assembled', async () => {
  const { node } = await provideImages(target(true), sources(false));
  expect(node).toEqual(assembled('node'));
});

test('an upstream image that the nodes have stays in use without a network', async () => {
  present = [catalogue.node.upstream];
  const { node, traefik } = await provideImages(target(true), sources(false));
  expect(node).toBe(catalogue.node.upstream);
  expect(traefik).toEqual(assembled('traefik'));
});

test('what the nodes have is neither assembled nor imported again', async () => {
  present = Object.values(await provideImages(target(false), sources(false)));
  imported = [];
  expect(Object.values(await provideImages(target(false), sources(false)))).toEqual(present);
  expect(imported).toEqual([]);
});

test("a missing optional image does not stop the cluster's start", async () => {
  joined = [];
  const notes: string[] = [];
  const missing: ImageSources = {
    ...sources(false),
    layout: async (name) => {
      if (name === 'postgres') throw new Error('postgres needs libxml2.so.2, which is not on this machine');
      return layout(name);
    },
  };
  const progress = { ...silent, note: (text: string) => void notes.push(text) };
  const images = await provideImages({ ...target(false), progress }, missing);
  expect(images).toEqual({
    node: assembled('node'),
    traefik: assembled('traefik'),
    temporal: assembled('temporal'),
    pause: assembled('pause'),
  });
  expect(notes.join()).toContain('the image postgres is unavailable: postgres needs libxml2.so.2');
});

test('an import that fails is shown as failed and thrown', async () => {
  const failures: string[] = [];
  const broken: ImageTarget = {
    ...target(false),
    importArchives: () => Promise.reject(new Error('no space left')),
    progress: {
      note() {},
      start: (task) => ({
        update() {},
        done() {},
        fail: (reason) => void failures.push(`${task}: ${reason}`),
      }),
    },
  };
  await expect(provideImages(broken, sources(false))).rejects.toThrow('no space left');
  expect(failures).toContain('image pause: no space left');
});

test('an archive that is cut short is assembled again', async () => {
  const sizes: number[] = [];
  const [first] = Object.values(await provideImages(target(false), sources(false)));
  const archive = join(folder, 'coppice', 'images', archiveOf(first ?? ''));
  const whole = statSync(archive).size;
  truncateSync(archive, 512);
  const images = await provideImages(
    {
      ...target(false),
      importArchives: async ([path = '']) => {
        if (path === archive) sizes.push(statSync(path).size);
        if (statSync(path).size <= 512) throw new Error('unexpected EOF');
      },
    },
    sources(false),
  );
  expect(Object.values(images)).toContain(first);
  expect(sizes).toEqual([512, whole]);
});

test("except on Linux nothing is built from the machine's programs, and the message says why", () => {
  const upstream = 'docker.io/library/traefik:v3';
  expect(() => requireLinux(upstream, 'linux')).not.toThrow();
  expect(() => requireLinux(upstream, 'darwin')).toThrow(
    expect.objectContaining({
      code: 'COPPICE_IMAGE',
      message: expect.stringMatching(/traefik:v3 is unavailable: its registry cannot be reached/),
    }),
  );
});
