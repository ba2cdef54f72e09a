import { expect, test } from 'vitest';
import { parseDiskUse } from '../../../../servers/postgres/connection/disk.ts';

const heading = 'Filesystem     1024-blocks    Used Available Capacity Mounted on';

test('the output of df is read in KiB', () => {
  expect(
    parseDiskUse([heading, '/dev/loop0        67108864 1048576  66060288       2% /var/lib/my data']),
  ).toEqual({
    total: 68_719_476_736,
    used: 1_073_741_824,
    free: 67_645_734_912,
  });
});

test('any other output is ignored', () => {
  expect(parseDiskUse([])).toBeUndefined();
  expect(parseDiskUse([heading])).toBeUndefined();
});
