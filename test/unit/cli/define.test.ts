import { expect, test } from 'vitest';
import { flag, type VerbPorts, verb } from '../../../cli/define.ts';

/** What `run` receives for what commander parsed. */
async function received(given: Readonly<Record<string, boolean>>): Promise<unknown> {
  let options: unknown;
  const probe = verb({
    usage: 'probe',
    summary: 'for this test',
    about: 'For this test.',
    options: { noUp: flag('not up'), notes: flag('with notes') },
    run: async (_, values) => {
      options = values;
      return { text: '', json: {} };
    },
  });
  await probe.run([], given, {} as VerbPorts);
  return options;
}

test('a flag that begins with `no` is given where commander says false for its opposite', async () => {
  expect(await received({ up: false })).toEqual({ noUp: true, notes: false });
});

test('a flag that begins with `no` is not given where commander has its default', async () => {
  expect(await received({ up: true, notes: true })).toEqual({ noUp: false, notes: true });
});
