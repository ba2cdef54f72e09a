import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type KubernetesApi } from './kubernetes.ts';
import { sliceChanges, sliceObject, type WantedSlice } from './slices.ts';
import { keyOf, type View } from './view.ts';

/** A service may be without pods for this long: objects of one change come one after the other. */
const PATIENCE_MS = 100;
/** Between a refused change and the next attempt. */
const RETRY_MS = 2_000;

const slicesPath = (namespace: string) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

/** Lets the gateway find this program wherever no pod answers, and only there. Acts on changes of the view alone. */
export class SliceKeeper {
  private readonly api: KubernetesApi;
  private readonly view: View;
  /** When a service was first seen without pods, in milliseconds. */
  private readonly since = new Map<string, number>();
  private running = false;
  private again = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(api: KubernetesApi, view: View) {
    this.api = api;
    this.view = view;
  }

  /** Call it after every change; changes in one go are looked at once. */
  changed(): void {
    this.again = true;
    if (this.running) return;
    this.running = true;
    setImmediate(() => void this.work());
  }

  /** Resolves when nothing is left to do, not even later. @internal Its test waits for it. */
  async idle(): Promise<void> {
    while (this.running || this.timer !== undefined) await pause(1);
  }

  private async work(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.look();
    }
    this.running = false;
  }

  private async look(): Promise<void> {
    if (!this.view.complete) return;
    const { create, delete: superfluous } = sliceChanges(this.view);
    for (const { namespace, name } of superfluous)
      await this.attempt(() => this.api.delete(`${slicesPath(namespace)}/${name}`));
    const due = this.due(create);
    for (const wanted of due) {
      // A pod may be ready since the list of what is due was made.
      if (!sliceChanges(this.view).create.some(({ service }) => service.uid === wanted.service.uid)) continue;
      await this.attempt(() => this.api.create(slicesPath(wanted.service.namespace), sliceObject(wanted)));
    }
  }

  private due(wanted: readonly WantedSlice[]): WantedSlice[] {
    const now = performance.now();
    const keys = new Set(wanted.map(({ service }) => keyOf(service)));
    for (const key of this.since.keys()) if (!keys.has(key)) this.since.delete(key);
    for (const key of keys) if (!this.since.has(key)) this.since.set(key, now);
    const ages = wanted.map(({ service }) => now - (this.since.get(keyOf(service)) ?? now));
    const youngest = ages.filter((age) => age < PATIENCE_MS);
    if (youngest.length > 0) this.later(PATIENCE_MS - Math.max(...youngest));
    return wanted.filter((_, at) => (ages[at] ?? 0) >= PATIENCE_MS);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.changed();
    }, Math.ceil(milliseconds));
  }

  private async attempt(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      // The object or its namespace is gone or going.
      if (error instanceof ApiError && [403, 404, 409].includes(error.code)) return;
      console.error(error instanceof Error ? error.message : error);
      this.later(RETRY_MS);
      await pause(0);
    }
  }
}
