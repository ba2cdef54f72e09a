import { describe, expect, test } from 'vitest';
import { CoppiceError } from '../../../core/errors.ts';
import { providerOf } from '../../../provider/provider.ts';
import type { Handler } from '../../../resources/handler.ts';

const urn = 'urn:pulumi:s::p::coppice:infra:Environment$coppice:index:Thing::thing';

function provider(handler: Partial<Handler<object>>) {
  const load = async () => handler as Handler<object>;
  return providerOf('0.1.0', (token) => (token === 'coppice:index:Thing' ? load : undefined));
}

describe('the provider', () => {
  test('passes a call to the handler of the resource type, below any parent', async () => {
    const made = await provider({ create: async () => ({ id: 'x', outputs: { a: 1 } }) }).create?.(urn, {});
    expect(made).toEqual({ id: 'x', outs: { a: 1 } });
  });

  test('reports which type it does not know', async () => {
    await expect(provider({}).create?.('urn:pulumi:s::p::coppice:index:Other::o', {})).rejects.toThrow(
      'knows no resource coppice:index:Other',
    );
  });

  test('shows message and hint of an error, without a stack', async () => {
    const failing = provider({
      delete: () => Promise.reject(new CoppiceError('COPPICE_LOCKED', 'it is so', { hint: 'do this' })),
    });
    const error = await failing.delete?.('x', urn, {}).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: 'it is so\n→ do this', stack: '' });
  });

  test('reports to the engine that a resource is gone', async () => {
    expect(await provider({ read: async () => undefined }).read?.('x', urn, {})).toEqual({});
  });

  test('has nothing to compare with before the first update', async () => {
    const seen: unknown[] = [];
    const checking = provider({
      check: (_news, olds) => {
        seen.push(olds);
        return [];
      },
    });
    await checking.check?.(urn, {}, { a: 1 });
    await checking.check?.(urn, { a: 0 }, { a: 1 });
    expect(seen).toEqual([undefined, { a: 0 }]);
  });

  test('ends a wait when the engine cancels', async () => {
    const waiting = provider({
      create: (_inputs, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    const ended = waiting.create?.(urn, {});
    const failed = expect(ended).rejects.toThrow('interrupted');
    await new Promise((resolve) => setImmediate(resolve));
    await waiting.cancel?.();
    await failed;
  });
});
