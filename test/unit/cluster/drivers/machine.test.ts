import { describe, expect, test } from 'vitest';
import { hierarchies, marker } from '../../../../cluster/drivers/embedded/cgroups.ts';
import { cgroupCheck, filesystemCheck, inotifyCheck } from '../../../../cluster/drivers/embedded/checks.ts';
import { parseListeners, takers } from '../../../../cluster/drivers/embedded/listeners.ts';
import { nameserversOf } from '../../../../cluster/drivers/embedded/machine.ts';
import { mountsBelow } from '../../../../cluster/drivers/embedded/mounts.ts';
import { hardwareAddress, portNames } from '../../../../cluster/drivers/embedded/network.ts';
import { isOwnCommand } from '../../../../cluster/drivers/embedded/own-processes.ts';
import {
  pathObstacles,
  portObstacles,
  routeObstacles,
} from '../../../../cluster/drivers/embedded/preflight.ts';
import { ignoresSigterm } from '../../../../cluster/drivers/embedded/proc.ts';
import { configContext } from './fixture.ts';

const { layout } = configContext;

describe('mounts', () => {
  const mountinfo = `22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:40 / /run/coppice/containerd/a/rootfs rw - overlay overlay rw
31 22 0:41 / /run/coppice/containerd/a/rootfs/with\\040space rw - tmpfs tmpfs rw
32 22 0:42 / /run/coppice2/other rw - tmpfs tmpfs rw
33 22 0:43 / /var/lib/coppice/kubelet rw - tmpfs tmpfs rw
`;
  test('below our folders are found, deepest first', () => {
    expect(mountsBelow(['/run/coppice', '/var/lib/coppice'], mountinfo)).toEqual([
      '/var/lib/coppice/kubelet',
      '/run/coppice/containerd/a/rootfs/with space',
      '/run/coppice/containerd/a/rootfs',
    ]);
  });
});

describe('a process is ours', () => {
  test.each([
    [['/usr/bin/containerd', '--config', '/run/coppice/config/containerd.toml']],
    [['/usr/bin/containerd-shim-runc-v2', '-address', '/run/coppice/containerd/containerd.sock']],
    [['/x/kube-apiserver', '--etcd-servers=unix:///run/coppice/kine/kine.sock']],
    [['/x/kine', '--endpoint=sqlite:///var/lib/coppice/kine/state.db?_journal=WAL']],
  ])('by a cluster program and a path of ours: %j', (argv) => {
    expect(isOwnCommand(argv, layout)).toBe(true);
  });

  test.each([
    [['/usr/bin/containerd']],
    [['/usr/bin/containerd', '--config', '/run/coppice2/config/containerd.toml']],
    [['/usr/bin/containerd', '--config', '/srv/run/coppice/containerd.toml']],
    [['vim', '/var/lib/coppice/logs/kubelet.log']],
    [[]],
  ])('not with only one of the two: %j', (argv) => {
    expect(isOwnCommand(argv, layout)).toBe(false);
  });
});

describe('listening sockets', () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 00000000:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 0100D50A:192B 0100D50A:9999 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0
`;
  test('are parsed from the kernel’s table, connections are not', () => {
    expect(parseListeners(tcp)).toEqual([
      { address: '127.0.0.1', port: 8080, inode: '111' },
      { address: '0.0.0.0', port: 53, inode: '222' },
    ]);
  });

  test('are parsed for IPv6 too', () => {
    const any = '   0: 00000000000000000000000000000000:0050 x:0 0A 0 0 0 0 0 9 1';
    const loopback = '   1: 00000000000000000000000001000000:0051 x:0 0A 0 0 0 0 0 9 1';
    expect(parseListeners(`head\n${any}\n${loopback}`).map(({ address, port }) => [address, port])).toEqual([
      ['::', 80],
      ['::1', 81],
    ]);
  });

  test('take a port from us on our address or on every address, not on another', () => {
    const listeners = parseListeners(tcp);
    expect(takers(listeners, '10.213.0.1', 53)).toHaveLength(1);
    expect(takers(listeners, '10.213.0.1', 8080)).toHaveLength(0);
    expect(takers(listeners, '127.0.0.1', 8080)).toHaveLength(1);
  });
});

describe('obstacles', () => {
  test('a resolver on every address blocks DNS, and is reported with its port and protocol', () => {
    const listener = { address: '0.0.0.0', port: 53, inode: '1' };
    const [obstacle] = portObstacles(configContext, { tcp: [], udp: [listener] });
    expect(obstacle?.problem).toMatch(/^port 53\/udp for DNS is taken on 0\.0\.0\.0 by /);
  });

  test('a resolver on loopback does not', () => {
    const listener = { address: '127.0.0.53', port: 53, inode: '1' };
    expect(portObstacles(configContext, { tcp: [listener], udp: [listener] })).toEqual([]);
  });

  test('a taken API port can be changed in the settings', () => {
    const listener = { address: '::', port: 6443, inode: '1' };
    expect(portObstacles(configContext, { tcp: [listener], udp: [] })[0]?.fix).toContain('embedded.apiPort');
  });

  const route = (dst: string, dev = 'tun0') => routeObstacles(configContext, JSON.stringify([{ dst, dev }]));

  test.each(['10.0.0.0/8', '10.213.5.0/24', '10.213.9.9'])('a route to %s blocks the pods', (dst) => {
    expect(route(dst)[0]?.problem).toMatch(/podCidr 10\.213\.0\.0\/16 is already routed: .* by tun0/);
  });

  test.each(['default', '192.168.0.0/16', 'fe80::/64', '10.212.0.0/16'])('a route to %s does not', (dst) => {
    expect(route(dst)).toEqual([]);
  });

  test('our own bridge’s route does not', () => {
    expect(route('10.213.0.0/16', 'coppice0')).toEqual([]);
  });

  test('a run folder too long for sockets does', () => {
    expect(pathObstacles({ run: `/tmp/${'x'.repeat(60)}` })).toHaveLength(1);
    expect(pathObstacles({ run: '/run/coppice' })).toEqual([]);
  });
});

describe('cgroups', () => {
  const first = `cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,nosuid,nodev,noexec,relatime,pids 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
`;
  const second = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n';

  test('processes are found in `pids` of version 1 and in the single hierarchy of version 2', () => {
    expect(marker(hierarchies(first))?.mountPoint).toBe('/sys/fs/cgroup/pids');
    expect(marker(hierarchies(second))?.mountPoint).toBe('/sys/fs/cgroup');
    expect(marker(hierarchies(''))).toBeUndefined();
  });

  test('are judged by what pods need', () => {
    expect(cgroupCheck(hierarchies(first))).toMatchObject({ ok: true, detail: 'version 1' });
    expect(cgroupCheck(hierarchies(second))).toMatchObject({ ok: true, detail: 'version 2' });
    expect(cgroupCheck(hierarchies(''))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('memory'),
    });
  });
});

test('checks report what is missing and what to do', () => {
  expect(filesystemCheck('nodev\toverlay\n')).toMatchObject({ ok: true });
  expect(filesystemCheck('nodev\ttmpfs\n')).toMatchObject({ ok: false, fix: 'run `sudo modprobe overlay`' });
  expect(inotifyCheck(128, false)).toMatchObject({ ok: true });
  expect(inotifyCheck(128, true)).toMatchObject({ ok: false });
});

test('name servers are read from resolv.conf, comments and options are not', () => {
  expect(
    nameserversOf('# nameserver 1.1.1.1\nnameserver 127.0.0.53\noptions edns0\nnameserver  fd00::1 \n'),
  ).toEqual(['127.0.0.53', 'fd00::1']);
});

test('the bridge has a hardware address derived from its own', () => {
  expect(hardwareAddress('10.213.0.1')).toBe('0a:58:0a:d5:00:01');
});

test('ends of veth pairs are named without their peers', () => {
  expect(portNames('5: veth1a2b@if2: <UP> mtu\n7: eth9: <UP> mtu\n')).toEqual(['veth1a2b', 'eth9']);
});

describe('waiting after SIGTERM is pointless', () => {
  const status = (inside: number, ignored: string, caught: string) =>
    `Name:\tx\nNSpid:\t4711\t${inside}\nSigIgn:\t${ignored}\nSigCgt:\t${caught}\n`;

  test('for process 1 of a namespace without a handler', () => {
    expect(ignoresSigterm(status(1, '0000000000000000', '0000000000000000'))).toBe(true);
  });

  test('for any process that ignores it', () => {
    expect(ignoresSigterm(status(7, '0000000000004000', '0000000000000000'))).toBe(true);
  });

  test('but not for process 1 with a handler, or any other process', () => {
    expect(ignoresSigterm(status(1, '0000000000000000', '0000000000004000'))).toBe(false);
    expect(ignoresSigterm(status(7, '0000000000000000', '0000000000000000'))).toBe(false);
    expect(
      ignoresSigterm('Name:\tx\nNSpid:\t1\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000004000\n'),
    ).toBe(false);
  });
});
