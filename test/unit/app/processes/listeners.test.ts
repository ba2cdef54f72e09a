import { expect, test } from 'vitest';
import { listeningSockets, parseLsof } from '../../../../app/processes/listeners.ts';

test('listening sockets are found in /proc/net/tcp, and connections are none', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 731 1 0000000000000000 100 0 0 10 0
   1: 0100007F:4E20 0100007F:B1C2 01 00000000:00000000 00:00000000 00000000     0        0 812 1 0000000000000000 20 4 30 10 -1
`;
  expect(listeningSockets(table)).toEqual([{ port: 20_000, inode: '731' }]);
});

test('and in what lsof prints on macOS', () => {
  const output = 'p123\ncnode\nf21\nn127.0.0.1:20000\nf22\nn[::1]:20001\np9\ncruby\nf5\nn*:20020\n';
  expect(parseLsof(output)).toEqual([
    { port: 20_000, pid: 123, command: 'node' },
    { port: 20_001, pid: 123, command: 'node' },
    { port: 20_020, pid: 9, command: 'ruby' },
  ]);
});
