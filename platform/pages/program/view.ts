import type { Sink } from './follow.ts';
import type { Place, Route, Service, Slice } from './objects.ts';

/** What the cluster has, as the watches have it. */
export class View {
  readonly routes = new Map<string, Route>();
  readonly services = new Map<string, Service>();
  /** By the place of their service, then by their own name. */
  readonly slices = new Map<string, Map<string, Slice>>();
  onChange: () => void = () => {};
  private readonly unlisted = new Set(['routes', 'services', 'slices']);

  /** Whether all kinds were listed once. */
  get complete(): boolean {
    return this.unlisted.size === 0;
  }

  sink<Seen, Kept extends Place>(
    kind: 'routes' | 'services',
    into: Map<string, Kept>,
    reduce: (object: Seen) => Kept,
  ): Sink<Seen> {
    return this.sinkOf(kind, reduce, {
      clear: () => into.clear(),
      put: (kept) => into.set(keyOf(kept), kept),
      remove: (kept) => into.delete(keyOf(kept)),
    });
  }

  sliceSink<Seen>(reduce: (object: Seen) => Slice): Sink<Seen> {
    const { slices } = this;
    return this.sinkOf('slices', reduce, {
      clear: () => slices.clear(),
      put: (slice) => {
        const key = serviceKey(slice.namespace, slice.service);
        const others = slices.get(key) ?? new Map<string, Slice>();
        slices.set(key, others.set(slice.name, slice));
      },
      remove: (slice) => {
        const key = serviceKey(slice.namespace, slice.service);
        const others = slices.get(key);
        others?.delete(slice.name);
        if (others?.size === 0) slices.delete(key);
      },
    });
  }

  private sinkOf<Seen, Kept>(
    kind: string,
    reduce: (object: Seen) => Kept,
    { clear, put, remove }: { clear(): void; put(kept: Kept): unknown; remove(kept: Kept): unknown },
  ): Sink<Seen> {
    return {
      replace: (objects) => {
        clear();
        for (const object of objects) put(reduce(object));
        this.unlisted.delete(kind);
        this.onChange();
      },
      put: (object) => {
        put(reduce(object));
        this.onChange();
      },
      remove: (object) => {
        remove(reduce(object));
        this.onChange();
      },
    };
  }
}

export function keyOf({ namespace, name }: Place): string {
  return serviceKey(namespace, name);
}

export function serviceKey(namespace: string, service: string): string {
  return `${namespace}/${service}`;
}
