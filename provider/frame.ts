import type { Provider } from '@pulumi/pulumi/provider/provider.js';
import { CoppiceError, messageOf } from '../core/errors.ts';
import type { Handler } from '../resources/handler.ts';

/** Handlers by resource type, for example `coppice:index:Ready`; loaded when the first of their kind is asked for. */
export type Handlers = Readonly<Record<string, () => Promise<Handler<object>>>>;

/** The handlers as one provider of the engine. */
export function frame(version: string, handlers: Handlers): Provider {
  const ending = new AbortController();
  const context = { signal: ending.signal };
  const handlerOf = (urn: string) => {
    const type = typeOf(urn);
    const load = handlers[type];
    if (!load) throw new Error(`this version of coppice (${version}) knows no resource ${type}`);
    // What the engine hands over is what the resource's own class in infra/ gave it.
    return load();
  };
  return {
    version,
    check: (urn, olds, news) =>
      told(async () => {
        const handler = await handlerOf(urn);
        const before = olds && Object.keys(olds).length > 0 ? olds : undefined;
        return { inputs: news, failures: handler.check?.(news, before) ?? [] };
      }),
    diff: (_id, urn, olds, news) => told(async () => (await handlerOf(urn)).diff(olds, news, context)),
    create: (urn, inputs) =>
      told(async () => {
        const { id, outputs } = await (await handlerOf(urn)).create(inputs, context);
        return { id, outs: outputs };
      }),
    read: (id, urn, props) =>
      told(async () => {
        const outputs = await (await handlerOf(urn)).read(id, props, context);
        return outputs ? { id, props: outputs } : {};
      }),
    update: (id, urn, olds, news) =>
      told(async () => ({ outs: await (await handlerOf(urn)).update(id, olds, news, context) })),
    delete: (id, urn, props) => told(async () => (await handlerOf(urn)).delete(id, props, context)),
    cancel: async () => ending.abort(new CoppiceError('COPPICE_INTERRUPTED', 'interrupted')),
  };
}

/** `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>` */
function typeOf(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

/** The engine shows a message and nothing else, so the hint goes into it. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const hint = error instanceof CoppiceError && error.hint ? `\n→ ${error.hint}` : '';
    const shown = new Error(`${messageOf(error)}${hint}`, { cause: error });
    // The SDK prints the stack of what check, diff, read and delete throw, beside the engine's own report of it.
    if (error instanceof CoppiceError) shown.stack = '';
    throw shown;
  }
}
