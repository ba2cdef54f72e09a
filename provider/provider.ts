import type { Provider } from '@pulumi/pulumi/provider/provider.js';
import { CoppiceError, messageOf } from '../core/errors.ts';
import type { CallContext, Handler } from '../resources/handler.ts';
import type { Note } from './notes.ts';

/** Loads the handler of a resource type, for example `coppice:index:Ready`; undefined for an unknown type. */
export type FindHandler = (token: string) => (() => Promise<Handler<object>>) | undefined;

/** The handlers as one provider for the engine. */
export function providerOf(version: string, find: FindHandler, note: Note = () => undefined): Provider {
  const ending = new AbortController();
  const contextOf = (urn: string): CallContext => ({
    signal: ending.signal,
    note: (text) => note(urn, text),
  });
  const handlerOf = (urn: string) => {
    const type = typeOf(urn);
    const load = find(type);
    if (!load) throw new Error(`this version of coppice (${version}) knows no resource ${type}`);
    // The engine passes on what the resource's own class passed to it, and both are typed by one contract.
    return load();
  };
  return {
    version,
    check: (urn, olds, news) =>
      withHint(async () => {
        const handler = await handlerOf(urn);
        const before = olds && Object.keys(olds).length > 0 ? olds : undefined;
        return { inputs: news, failures: handler.check?.(news, before) ?? [] };
      }),
    diff: (_id, urn, olds, news) =>
      withHint(async () => (await handlerOf(urn)).diff(olds, news, contextOf(urn))),
    create: (urn, inputs) =>
      withHint(async () => {
        const { id, outputs } = await (await handlerOf(urn)).create(inputs, contextOf(urn));
        return { id, outs: outputs };
      }),
    read: (id, urn, props) =>
      withHint(async () => {
        const outputs = await (await handlerOf(urn)).read(id, props, contextOf(urn));
        return outputs ? { id, props: outputs } : {};
      }),
    update: (id, urn, olds, news) =>
      withHint(async () => ({ outs: await (await handlerOf(urn)).update(id, olds, news, contextOf(urn)) })),
    delete: (id, urn, props) =>
      withHint(async () => (await handlerOf(urn)).delete(id, props, contextOf(urn))),
    cancel: async () => ending.abort(new CoppiceError('COPPICE_INTERRUPTED', 'interrupted')),
  };
}

/** `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>` */
function typeOf(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

/** The engine shows only a message, so it includes the hint. */
async function withHint<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const hint = error instanceof CoppiceError && error.hint ? `\n→ ${error.hint}` : '';
    const shown = new Error(`${messageOf(error)}${hint}`, { cause: error });
    // The SDK prints the stack of errors in check, diff, read and delete, beside the engine's own report of them.
    if (error instanceof CoppiceError) shown.stack = '';
    throw shown;
  }
}
