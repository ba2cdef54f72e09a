import { expect, test } from 'vitest';
import { aimed, withAimedHints } from '../../../../app/target/aimed-hints.ts';
import { CoppiceError } from '../../../../core/errors.ts';

test.each([
  ['wt logs web --previous', {}, 'wt logs web --previous'],
  ['wt logs web --previous', { as: 'demo' }, 'wt logs --as demo web --previous'],
  [
    'wt logs web, wt restart web',
    { environment: 'feat/b' },
    'wt logs --env feat/b web, wt restart --env feat/b web',
  ],
  ['wt up continues from here', { environment: 'feat/b' }, 'wt up feat/b continues from here'],
  ['wt up feat/b --yes', { environment: 'feat/b' }, 'wt up feat/b --yes'],
  ['write `protocol: tcp` in coppice.yaml', { as: 'demo' }, 'write `protocol: tcp` in coppice.yaml'],
])('%s for %o is %s', (hint, target, whole) => {
  expect(aimed(hint, target)).toBe(whole);
});

test('an error keeps all but its hint, and another one is left alone', async () => {
  const cause = new Error('why');
  const unready = new CoppiceError('COPPICE_NOT_READY', 'service web crashes', {
    hint: 'wt logs web',
    cause,
  });
  await expect(withAimedHints({ as: 'demo' }, () => Promise.reject(unready))).rejects.toMatchObject({
    code: 'COPPICE_NOT_READY',
    message: 'service web crashes',
    hint: 'wt logs --as demo web',
    cause,
  });
  const claimed = new CoppiceError('COPPICE_CLAIMED', 'x', { hint: 'wt up --as NAME' });
  await expect(withAimedHints({ as: 'demo' }, () => Promise.reject(claimed))).rejects.toBe(claimed);
});
