import { describe, expect, test } from 'vitest';
import { eventsChecks, rootsCheck } from '../../../../../cluster/drivers/k3d/folder-judgements.ts';
import {
  diskCheck,
  dockerCheck,
  freeFrom,
  sizeCheck,
} from '../../../../../cluster/drivers/k3d/machine-judgements.ts';
import { outlook } from '../../../../../cluster/drivers/k3d/mountable.ts';
import { portsCheck, registryCheck } from '../../../../../cluster/drivers/k3d/port-judgements.ts';
import { configurationFiles, sharing, unshared } from '../../../../../cluster/drivers/k3d/shared-folders.ts';
import { judgeNames } from '../../../../../cluster/drivers/local-names.ts';
import { colima, debian, dockerDesktop, machine, orbstack, rancherDesktop } from './machines.ts';

const GIB = 1024 ** 3;
const home = '/Users/ada';

describe('what runs the engine', () => {
  test.each([
    ['linux', debian],
    ['docker-desktop', dockerDesktop],
    ['colima', colima],
    ['orbstack', orbstack],
    ['rancher-desktop', rancherDesktop],
  ] as const)("%s is recognized by its engine's answers", (kind, recorded) => {
    expect(machine(recorded).kind).toBe(kind);
  });

  test('an engine reached by ssh or TCP is on another machine, except by loopback', () => {
    for (const endpoint of [
      'ssh://ada@build.example.org',
      // A virtual machine behind a forwarded port: its folders are its own.
      'ssh://ada@localhost:2222',
      'tcp://10.0.0.7:2376',
      'tcp://build.example.org:2376',
      'tcp://[2001:db8::7]:2376',
      'https://10.0.0.7:2376',
    ])
      expect(machine(debian, { endpoint }).kind, endpoint).toBe('remote');
    for (const endpoint of [
      'tcp://localhost:2375',
      'tcp://127.0.0.1:2375',
      'tcp://[::1]:2375',
      'npipe:////./pipe/x',
      '',
    ])
      expect(machine(debian, { endpoint }).kind, endpoint).toBe('linux');
    // Whatever runs there.
    expect(machine(dockerDesktop, { endpoint: 'ssh://mini.local' }).kind).toBe('remote');
  });

  test('a colima with a profile, and one with its own hostname, are recognized', () => {
    const named = { ...colima, info: { ...colima.info, Name: 'colima-work' } };
    expect(machine(named, { endpoint: 'unix:///x/docker.sock' }).kind).toBe('colima');
    const renamed = { ...colima, info: { ...colima.info, Name: 'builder' } };
    expect(machine(renamed).kind).toBe('colima');
    expect(machine(renamed, { endpoint: 'unix:///Users/ada/.config/colima/work/docker.sock' }).kind).toBe(
      'colima',
    );
  });

  test('on a Mac any other engine is in some virtual machine', () => {
    const lima = { ...colima, info: { ...colima.info, Name: 'lima-docker' } };
    expect(machine(lima, { endpoint: 'unix:///Users/ada/.lima/docker/sock/docker.sock' }).kind).toBe(
      'virtual-machine',
    );
  });

  test('its file system is reported if Docker keeps images itself, and unknown if containerd does', () => {
    expect(machine(debian).fileSystem).toBe('extfs');
    expect(machine(orbstack).fileSystem).toBe('btrfs');
    expect(machine(colima).fileSystem).toBeUndefined();
  });

  test('doctor reports version, system and context', () => {
    expect(dockerCheck(machine(debian))).toEqual({
      name: 'Docker',
      ok: true,
      detail:
        '20.10.24+dfsg1 on Debian GNU/Linux 12 (bookworm), context default (unix:///var/run/docker.sock)',
    });
    expect(dockerCheck(machine(colima)).detail).toContain(
      '29.5.2 on colima (Ubuntu 24.04.4 LTS), context colima',
    );
    expect(dockerCheck(machine(dockerDesktop)).detail).toContain('on Docker Desktop, context desktop-linux');
  });

  test('an engine elsewhere, and one for Windows containers, cannot run the cluster', () => {
    const remote = dockerCheck(machine(debian, { endpoint: 'ssh://ada@build' }));
    expect(remote).toMatchObject({ ok: false, fix: expect.stringContaining('docker context use') });
    expect(remote.detail).toContain('cannot mount');
    const windows = dockerCheck({ ...machine(dockerDesktop), osType: 'windows' });
    expect(windows).toMatchObject({ ok: false, fix: expect.stringContaining('Linux containers') });
  });
});

describe('its size', () => {
  test("the 2 GB of colima's default are too little, and the fix is reported", () => {
    expect(sizeCheck(machine(colima))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('2 CPUs, 1.9 GiB'),
      fix: 'run `colima stop`, then `colima start --cpu 4 --memory 8`',
    });
  });

  test('a virtual machine of 4 GB is enough', () => {
    for (const recorded of [dockerDesktop, rancherDesktop, orbstack, debian])
      expect(sizeCheck(machine(recorded)).ok).toBe(true);
  });

  test("too little of either is reported with the place of each program's settings", () => {
    for (const [recorded, place] of [
      [dockerDesktop, 'Settings, Resources'],
      [orbstack, "OrbStack's settings"],
      [rancherDesktop, "Rancher Desktop's preferences"],
    ] as const) {
      const { ok, fix } = sizeCheck({ ...machine(recorded), memory: 2 * GIB });
      expect([ok, fix]).toEqual([false, expect.stringContaining(place)]);
    }
    expect(sizeCheck({ ...machine(debian), cpus: 1 }).ok).toBe(false);
  });

  test('a disk that is nearly full is reported with what frees it, and so is one that cannot be queried', () => {
    expect(diskCheck(machine(debian), 40 * GIB)).toMatchObject({
      ok: true,
      detail: expect.stringContaining('40 GiB free'),
    });
    expect(diskCheck(machine(debian), 40 * GIB).detail).toContain('/var/lib/docker');
    expect(diskCheck(machine(colima), GIB)).toMatchObject({
      ok: false,
      fix: expect.stringContaining('colima start --disk'),
    });
    expect(diskCheck(machine(debian), GIB).fix).not.toContain('colima');
    expect(diskCheck(machine(colima), undefined)).toMatchObject({
      ok: true,
      detail: expect.stringContaining('once the cluster runs'),
    });
  });

  test("free space is parsed from df's output, even with a long device name", () => {
    const printed = `Filesystem           1024-blocks    Used Available Capacity Mounted on
/dev/vdb1             102687672  9301372  88123456  10% /var/lib/coppice/volumes`;
    expect(freeFrom(printed)).toBe(88123456 * 1024);
    expect(freeFrom('')).toBeUndefined();
    expect(freeFrom('df: not found')).toBeUndefined();
  });
});

describe('the folders that a virtual machine sees', () => {
  const shared = (kind: Parameters<typeof sharing>[0], text?: string) =>
    sharing(kind, home, 'darwin', text).shared;

  test('Docker Desktop: Users, Volumes, private and temporary ones unless its settings differ', () => {
    const untouched = shared('docker-desktop', '{"AutoStart":false,"MemoryMiB":8092}');
    expect(unshared([home, '/Volumes/work', '/private/tmp/x', '/opt/work'], untouched)).toEqual([
      '/opt/work',
    ]);
    expect(untouched.known).toBe('configured');
    expect(shared('docker-desktop').known).toBe('default');
    const own = shared('docker-desktop', '{"FilesharingDirectories":["/Users/ada/work","/opt"]}');
    expect(unshared(['/opt/work', '/Users/ada'], own)).toEqual(['/Users/ada']);
    const older = shared('docker-desktop', '{"filesharingDirectories":["/opt"]}');
    expect(unshared(['/opt/work'], older)).toEqual([]);
  });

  test('colima: the home folder, unless its configuration has its own list', () => {
    const untouched = shared('colima', 'cpu: 2\nmounts: []\nmountInotify: false\n');
    expect(unshared([home, '/private/tmp/colima/x', '/Volumes/work'], untouched)).toEqual([
      '/private/tmp/colima/x',
      '/Volumes/work',
    ]);
    const own = shared(
      'colima',
      'mounts:\n  - location: ~/work/\n    writable: true\n  - location: /Volumes/work\n',
    );
    expect(unshared(['/Users/ada/work/shop', '/Volumes/work', home], own)).toEqual([home]);
    expect(shared('colima', 'mounts: [').known).toBe('default');
  });

  test('Rancher Desktop: what its source contains; OrbStack and Linux: everything', () => {
    expect(
      unshared([home, '/Volumes/work', '/private/tmp/x', '/opt/work'], shared('rancher-desktop')),
    ).toEqual(['/opt/work']);
    for (const kind of ['orbstack', 'linux'] as const)
      expect(unshared(['/opt/work'], shared(kind))).toEqual([]);
  });

  test("each program's configuration is found in its place", () => {
    expect(configurationFiles(machine(dockerDesktop), home, 'darwin')[0]).toBe(
      '/Users/ada/Library/Group Containers/group.com.docker/settings-store.json',
    );
    expect(configurationFiles({ kind: 'docker-desktop', endpoint: '' }, '/home/ada', 'linux')[0]).toBe(
      '/home/ada/.docker/desktop/settings-store.json',
    );
    expect(configurationFiles(machine(colima), home, 'darwin')).toEqual([
      '/Users/ada/.colima/default/colima.yaml',
    ]);
    expect(configurationFiles(machine(orbstack), home, 'darwin')).toEqual([]);
  });

  test('a root that is certainly not shared is refused before a cluster is created, with what to do', () => {
    const { refusal } = outlook(machine(colima), [home, '/Volumes/work'], shared('colima', 'mounts: []'));
    expect(refusal).toMatchObject({
      code: 'COPPICE_ROOTS',
      message: expect.stringContaining('/Volumes/work is not shared with colima'),
      hint: expect.stringMatching(/colima start --edit.*location: "~".*location: \/Volumes\/work/),
    });
  });

  test('one that is probably not shared is reported, and the nodes are inspected afterwards', () => {
    const found = outlook(machine(rancherDesktop), ['/opt/work'], shared('rancher-desktop'));
    expect(found.refusal).toBeUndefined();
    expect(found.doubt).toMatch(/Rancher Desktop does not share \/opt\/work.*override\.yaml/);
  });

  test('an engine on another machine is refused in one sentence', () => {
    const remote = machine(debian, { context: 'build', endpoint: 'ssh://ada@build' });
    expect(outlook(remote, [home], { known: 'unknown' }).refusal).toMatchObject({
      code: 'COPPICE_REMOTE_ENGINE',
      message:
        'the Docker engine is on another machine (ssh://ada@build), whose nodes cannot mount the worktrees of this one',
      hint: expect.stringContaining('docker context use'),
    });
    expect(outlook(machine(debian), ['/srv'], { known: 'everything' })).toEqual({});
  });

  test('doctor reports which roots were tested, which are expected to work, and which are wrong', () => {
    const common = { roots: [home], sharing: { shared: shared('colima', 'mounts: []') } };
    const check = (more: object) => rootsCheck(machine(colima), { ...common, tried: false, ...more });
    expect(check({ tried: true })).toEqual({
      name: 'roots',
      ok: true,
      detail: '/Users/ada: seen by the nodes',
    });
    expect(check({})).toEqual({ name: 'roots', ok: true, detail: '/Users/ada' });
    expect(check({ roots: ['/Volumes/work'] })).toMatchObject({
      ok: false,
      fix: expect.stringContaining('colima'),
    });
    expect(check({ problem: { root: '/gone', why: 'does not exist' } })).toMatchObject({
      ok: false,
      detail: '/gone does not exist',
      fix: expect.stringContaining('k3d.roots'),
    });
    expect(check({ tried: true, problem: { root: '/Volumes/work', why: 'is empty' } }).fix).toContain(
      'colima',
    );
  });
});

describe('file changes', () => {
  test('reach pods in colima only if configured', () => {
    const events = (text?: string) => sharing('colima', home, 'darwin', text);
    expect(eventsChecks('colima', events('mountInotify: false'))).toMatchObject([
      { ok: false, fix: expect.stringContaining('--mount-inotify') },
    ]);
    expect(eventsChecks('colima', events('cpu: 2'))[0]?.ok).toBe(false);
    expect(eventsChecks('colima', events('mountInotify: true'))[0]?.ok).toBe(true);
    expect(eventsChecks('colima', events())).toMatchObject([
      { ok: true, detail: expect.stringContaining('--mount-inotify') },
    ]);
  });

  test('reach them in Docker Desktop, may not in Rancher Desktop, and always do on Linux', () => {
    expect(eventsChecks('docker-desktop', {})[0]?.detail).toContain('reported to pods');
    expect(eventsChecks('rancher-desktop', {})[0]?.detail).toContain('may not');
    for (const kind of ['linux', 'orbstack'] as const) expect(eventsChecks(kind, {})).toEqual([]);
  });
});

describe('ports', () => {
  const ports = [80, 443, 15432, 17233, 5111];

  test('are free, published, or taken with the setting', () => {
    expect(portsCheck('linux', ports, 'none', undefined)).toEqual({
      name: 'ports',
      ok: true,
      detail: '80, 443, 15432, 17233, 5111 of 127.0.0.1: free',
    });
    expect(portsCheck('linux', ports, 'running', undefined).detail).toContain('published by the cluster');
    expect(portsCheck('linux', ports, 'stopped', undefined).detail).toContain('part of which is not running');
    const taken = { sentence: 'Port 80 is taken.', next: 'End it, or set `ports.http`.' };
    expect(portsCheck('linux', ports, 'none', taken)).toMatchObject({ ok: false, fix: taken.next });
  });

  test('below 1024 make Docker Desktop ask for a password once', () => {
    const detail = (kind: 'docker-desktop' | 'colima', asked = ports) =>
      portsCheck(kind, asked, 'none', undefined).detail;
    expect(detail('docker-desktop')).toMatch(/password.*`ports`/);
    expect(detail('docker-desktop', [8080])).not.toContain('password');
    expect(detail('colima')).not.toContain('password');
  });

  test('a registry that does not answer is a failure of a running cluster', () => {
    expect(registryCheck(5111, true)).toMatchObject({ ok: true, detail: 'answers on 127.0.0.1:5111' });
    expect(registryCheck(5111, false)).toMatchObject({
      ok: false,
      fix: expect.stringContaining('wt cluster start'),
    });
  });
});

describe('names under .localhost', () => {
  test('loopback is right, any other address is wrong, none is not a failure', () => {
    expect(judgeNames('127.0.0.1', 'darwin').ok).toBe(true);
    expect(judgeNames('::1', 'linux').ok).toBe(true);
    expect(judgeNames('198.51.100.7', 'darwin')).toMatchObject({
      ok: false,
      fix: expect.stringContaining('RFC 6761'),
    });
    expect(judgeNames(undefined, 'darwin').ok).toBe(true);
    expect(judgeNames(undefined, 'linux').ok).toBe(true);
  });

  test("on macOS Safari's workaround is reported, on Linux that of other programs", () => {
    expect(judgeNames(undefined, 'darwin').detail).toMatch(/Safari.*before macOS 26.*\/etc\/hosts/);
    expect(judgeNames(undefined, 'linux').detail).toContain('libnss-myhostname');
  });
});
