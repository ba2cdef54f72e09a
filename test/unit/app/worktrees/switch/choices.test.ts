import { expect, test } from 'vitest';
import type { ListedEnvironment } from '../../../../../app/worktrees/list/item.ts';
import { stateIn } from '../../../../../app/worktrees/switch/choices.ts';

const web: ListedEnvironment = {
  app: 'web',
  slug: 'feat-a',
  branch: 'feat/a',
  state: 'changed',
  reasons: ['changed since its last up: coppice.yaml'],
  urls: [],
};
const named: ListedEnvironment = { ...web, slug: 'demo', state: 'failing', reasons: ['web crashes'] };

test.each([
  ['the state of a list', [web], 'changed', web.reasons],
  ['that of its branch, beside one with another name', [named, web], 'changed', web.reasons],
  ['that of another name, alone', [named], 'failing', named.reasons],
  [
    'that of each app',
    [web, { ...web, app: 'api', state: 'up' as const, reasons: [] }],
    'web: changed, api: up',
    web.reasons,
  ],
  [
    'that of a worktree without an environment',
    [{ ...web, state: 'absent' as const }],
    'absent',
    web.reasons,
  ],
])('a choice shows %s', (_, environments, state, reasons) => {
  expect(stateIn(environments)).toEqual({ state, reasons });
});
