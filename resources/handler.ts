import type { CheckFailure, DiffResult } from '@pulumi/pulumi/provider/provider.js';
import { isSameRepository } from '../core/state/moved-repositories.ts';
import type { Contract } from './contract.ts';

/** What every call of the engine provides besides the resource's own properties. */
export interface CallContext {
  /** Aborted when the engine wants to stop: every wait must heed it. */
  readonly signal: AbortSignal;
  /** Says a line about the resource at once, while the call goes on. */
  readonly note?: (text: string) => void;
}

/**
 * One kind of resource. Inputs and outputs are plain JSON; in a preview an input that is not known yet is some text. An
 * error becomes the resource's diagnostic: message and hint of a CoppiceError, otherwise the message.
 */
export interface Handler<Inputs, Outputs extends Inputs = Inputs> {
  /** Problems of the inputs; `olds` are those of the last update, undefined before the first. */
  check?(news: Inputs, olds: Inputs | undefined): CheckFailure[];
  diff(olds: Outputs, news: Inputs, context: CallContext): Promise<DiffResult>;
  create(inputs: Inputs, context: CallContext): Promise<{ readonly id: string; readonly outputs: Outputs }>;
  /** The actual state, or undefined when the resource is gone. */
  read(id: string, state: Outputs, context: CallContext): Promise<Outputs | undefined>;
  update(id: string, olds: Outputs, news: Inputs, context: CallContext): Promise<Outputs>;
  /** May be repeated: what is already gone is no error. */
  delete(id: string, state: Outputs, context: CallContext): Promise<void>;
}

/** The handler of the resource that a contract describes. */
export type HandlerOf<C> =
  C extends Contract<string, infer Inputs extends object, infer Outputs, infer _Later>
    ? Handler<Inputs, Outputs extends Inputs ? Outputs : never>
    : never;

/** The names of properties that differ. */
export function changed<Inputs extends object>(
  olds: Inputs,
  news: Inputs,
  names: readonly (keyof Inputs & string)[],
): (keyof Inputs & string)[] {
  return names.filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
}

/** Those that make it another object. A repository that was moved is the same one, by another path. */
export function changedIdentity<Inputs extends { readonly repository: string }>(
  olds: Inputs,
  news: Inputs,
  names: readonly (keyof Inputs & string)[],
): (keyof Inputs & string)[] {
  const same = isSameRepository(olds.repository, news.repository);
  return changed(olds, news, names).filter((name) => !(same && name === 'repository'));
}
