import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CoppiceError } from '../../../core/errors.ts';
import { identify } from '../../../git/identity.ts';
import { asRunError, requireStack, requireWorktree } from '../../../stacks/by-hand.ts';
import { outputsOf } from '../../../stacks/environment.ts';
import { planOf, shop } from '../../golden/plans.ts';
import { makeRepository } from '../git/repository.ts';

const plan = planOf(shop);

test("the stack of another worktree is refused, with this worktree's and the command to select it", () => {
  expect(() => requireStack(plan, 'shop', 'main')).toThrow(
    expect.objectContaining({
      message: 'the stack main is selected, and this worktree (branch feat/login) is feat-login',
      hint: 'pulumi stack select --create feat-login',
    }),
  );
  expect(() => requireStack(plan, 'shop', 'feat-login')).not.toThrow();
});

test('the worktree of a branch that is checked out twice is refused where the other one has the environment', async () => {
  const repository = makeRepository();
  vi.stubEnv('XDG_DATA_HOME', repository.folder);
  repository.commit('a');
  const [first, second] = ['first', 'second'].map((name) => join(repository.folder, name));
  repository.git('worktree', 'add', '-q', first ?? '', '-b', 'feat/login');
  repository.git('worktree', 'add', '-q', '--force', second ?? '', 'feat/login');
  const [owner, other] = [await identify(first ?? ''), await identify(second ?? '')];
  await requireWorktree({ ...plan, identity: owner }, owner);
  await requireWorktree({ ...plan, identity: other }, undefined);
  await expect(requireWorktree({ ...plan, identity: other }, owner)).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
    message: `shop/feat-login is the environment of the worktree ${first}, and this is ${second}`,
  });
  vi.unstubAllEnvs();
  repository.remove();
});

test('a Pulumi.yaml of another project is refused', () => {
  expect(() => requireStack(plan, 'other', 'feat-login')).toThrow('the project other');
});

test('the engine gets message and hint as text, and other errors unchanged', () => {
  expect(asRunError(new CoppiceError('COPPICE_LOCKED', 'what', { hint: 'next' })).message).toBe(
    'what\n→ next',
  );
  const other = new TypeError('x');
  expect(asRunError(other)).toBe(other);
});

test('the outputs name one URL per service that has a host, and the primary one', () => {
  const made = { namespace: 'n', environmentId: 'i' } as unknown as Parameters<typeof outputsOf>[1];
  expect(outputsOf(plan, made)).toMatchObject({
    url: 'http://feat-login.shop.localhost/',
    urls: { web: 'http://feat-login.shop.localhost/', api: 'http://api.feat-login.shop.localhost/' },
    commit: plan.identity.commit,
  });
});

test('there is no output of what the environment does not have, as Pulumi warns about undefined ones', () => {
  const made = { namespace: 'n', environmentId: 'i', temporalNamespace: undefined };
  const withoutServices = { ...plan, services: [], routes: [] };
  const outputs = outputsOf(withoutServices, made as unknown as Parameters<typeof outputsOf>[1]);
  expect(Object.keys(outputs).sort()).toEqual(['commit', 'environmentId', 'namespace', 'urls']);
});
