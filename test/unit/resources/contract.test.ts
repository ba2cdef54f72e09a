import type { Output } from '@pulumi/pulumi/output.js';
import { describe, expect, test } from 'vitest';
import { resourceOf, type StackState } from '../../../app/engine/stack-state.ts';
import type { Contract } from '../../../resources/contract.ts';
import { environmentContract } from '../../../resources/environment/contract.ts';
import type { EnvironmentClaim } from '../../../resources/environment/resource.ts';
import type { HandlerOf } from '../../../resources/handler.ts';
import { passwordContract } from '../../../resources/password/contract.ts';
import { Password } from '../../../resources/password/resource.ts';
import { Ready } from '../../../resources/ready/resource.ts';
import { contracts, type handlers } from '../../../resources/registry.ts';

/**
 * What must not compile. None of these functions is called: the type checker reads them, and an expected error that
 * does not occur is an error itself.
 */
const refused = {
  'an argument that the contract does not have': () =>
    // @ts-expect-error: `length` is no input of Password
    new Password('x', { kubeconfig: '', context: '', cluster: '', namespace: '', name: '', length: 8 }, {}),
  'an argument of another type': () =>
    // @ts-expect-error: `name` is text
    new Password('x', { kubeconfig: '', context: '', cluster: '', namespace: '', name: 8 }, {}),
  'an argument that is missing': () =>
    // @ts-expect-error: `name` is required
    new Password('x', { kubeconfig: '', context: '', cluster: '', namespace: '' }, {}),
  'an Output where the value must be known': (name: Output<string>) =>
    // @ts-expect-error: names are plain data
    new Password('x', { kubeconfig: '', context: '', cluster: '', namespace: '', name }, {}),
  'an output that the contract does not have': (claim: EnvironmentClaim) =>
    // @ts-expect-error: it is `environmentId`
    claim.environmentID,
  'an output of another type': (claim: EnvironmentClaim): Output<number> =>
    // @ts-expect-error: it is text
    claim.environmentId,
  'an output of a state that the contract does not have': (state: StackState) =>
    // @ts-expect-error: Password has no outputs
    resourceOf(state, passwordContract)?.password,
  'a token that is not that of the name': (): Contract<'Ready', { readonly namespace: string }> => ({
    // @ts-expect-error: it is `coppice:index:Ready`
    token: 'coppice:index:Redy',
    words: 'all services ready',
    outputs: {},
  }),
  'a contract without an output that its type has': (): typeof environmentContract => ({
    token: 'coppice:index:Environment',
    words: 'namespace',
    // @ts-expect-error: `namespace` is missing
    outputs: { environmentId: undefined },
  }),
  'a handler that returns no output': (
    create: HandlerOf<typeof passwordContract>['create'],
  ): HandlerOf<typeof environmentContract>['create'] =>
    // @ts-expect-error: that of Password returns no `environmentId`
    create,
  'a handler of another resource in the registry': (all: typeof handlers): typeof handlers => ({
    ...all,
    // @ts-expect-error: Password does not become a Database
    Database: all.Password,
  }),
  'a resource that the registry does not have': () =>
    // @ts-expect-error: it is `Ready`
    contracts.Redy,
};

const allowed = {
  'headers that are known after the claim': (id: Output<string>) =>
    new Ready(
      'ready',
      {
        kubeconfig: '',
        context: '',
        namespace: '',
        services: [],
        routes: [],
        headers: { id },
        generation: '',
      },
      {},
    ),
  'what a state has, typed by its contract': (state: StackState): string | undefined =>
    resourceOf(state, environmentContract)?.environmentId,
};

describe('the contract of a resource', () => {
  test('ties its class, its handler, the registry and readers of its state to one type, for the compiler', () => {
    expect(Object.keys(refused)).toHaveLength(12);
    expect(Object.keys(allowed)).toHaveLength(2);
  });

  test("returns the resource's properties from a state, whatever else is in it", () => {
    const outputs = { environmentId: '0123abcd', namespace: 'wt-shop--main' };
    const resources = [
      { urn: 'u1', type: 'kubernetes:core/v1:Namespace', outputs: {} },
      { urn: 'u2', type: environmentContract.token, outputs },
    ];
    expect(resourceOf({ resources }, environmentContract)).toEqual(outputs);
    expect(resourceOf({ resources }, passwordContract)).toBeUndefined();
    expect(resourceOf(undefined, environmentContract)).toBeUndefined();
  });
});
