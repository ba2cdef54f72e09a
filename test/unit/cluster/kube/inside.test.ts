import { expect, test } from 'vitest';
import { parseInside } from '../../../../cluster/kube/inside.ts';

const tcp =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const rest = '00:00000000 00000000     0        0 5691179 1 00000000718b026a 100 0 0 10 0';

/** A line of `/proc/PID/stat` with the clock ticks after the start of the machine at which the process began. */
const process = (pid: number, name: string, state: string, parent: number, began: number) =>
  `process ${pid} (${name}) ${state} ${parent} 0 0 0 -1 4194304 2773 0 0 0 4 0 0 0 20 0 7 0 ${began} 746287104 10765`;

const recorded = [
  'self 11',
  'uptime 19770.01 11015.43',
  tcp,
  `   0: 00000000:0BB9 00000000:0000 0A 00000000:00000000 ${rest}`,
  `   1: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 ${rest}`,
  `   2: 0100007F:0BB8 0100007F:9C40 01 00000000:00000000 ${rest}`,
  tcp.replace('local_address', 'local_address                        '),
  `   0: 00000000000000000000000001000000:0BBA 00000000000000000000000000000000:0000 0A 00000000:00000000 ${rest}`,
  `   1: 00000000000000000000000000000000:0BBB 00000000000000000000000000000000:0000 0A 00000000:00000000 ${rest}`,
  `   2: 0000000000000000FFFF00000100007F:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 ${rest}`,
  process(1, 'pause', 'S', 0, 1976900),
  'command 1 /pause',
  process(3, 'node (web) ', 'S', 1, 1976930),
  'command 3 node --watch server.js ',
  process(5, 'old', 'Z', 3, 1976931),
  'command 5 ',
  process(11, 'sh', 'S', 1, 1977000),
  'command 11 /bin/sh -c echo "self $$" ',
  process(12, 'cat', 'R', 11, 1977001),
  'command 12 cat /proc/12/stat ',
];

test('kills for want of memory are counted as both versions of cgroups tell them', () => {
  const after = (...lines: string[]) => parseInside([...recorded, ...lines].join('\n'))?.outOfMemory;
  expect(after('oom_kill_disable 0', 'under_oom 0', 'oom_kill 2')).toBe(2);
  expect(after('max 40', 'oom 3', 'oom_kill 1', 'oom_group_kill 0')).toBe(1);
  expect(after('oom_kill 0')).toBe(0);
  expect(after()).toBeUndefined();
});

test('sockets that listen are told by address and port, each once, and connections are left out', () => {
  expect(parseInside(recorded.join('\n'))?.listeners).toEqual([
    { address: '0.0.0.0', port: 3001 },
    { address: '127.0.0.1', port: 3000 },
    { address: '::1', port: 3002 },
    { address: '::', port: 3003 },
  ]);
});

test('processes are told with command and age, without the sandbox, the ended and the look itself', () => {
  expect(parseInside(recorded.join('\n'))?.processes).toEqual([
    { pid: 3, parent: 1, command: 'node --watch server.js', age: 710 },
  ]);
});

test('what could not read the sockets says nothing', () => {
  expect(parseInside('self 11\nuptime 1.00 1.00\n')).toBeUndefined();
});
