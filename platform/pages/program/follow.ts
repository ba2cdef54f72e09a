import { setTimeout as pause } from 'node:timers/promises';
import { type KubernetesApi, watchSeconds } from './kubernetes.ts';

/** Where the objects of one kind go. */
export interface Sink<T> {
  /** All that there are now. */
  replace(objects: readonly T[]): void;
  put(object: T): void;
  remove(object: T): void;
}

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: string };
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & Versioned;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Keeps a sink up to date: one list, then a watch, and both again when the server has forgotten the version or was
 * away. Never ends.
 *
 * @param path such as `/api/v1/services`
 */
export async function follow<T extends Versioned>(
  api: KubernetesApi,
  path: string,
  selector: string,
  sink: Sink<T>,
): Promise<never> {
  let wait = FIRST_PAUSE_MS;
  for (;;) {
    const listed = () => {
      wait = FIRST_PAUSE_MS;
    };
    try {
      await listAndWatch(api, path, selector, sink, listed);
    } catch (error) {
      console.error(`${path}: ${error instanceof Error ? error.message : error}`);
    }
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
  }
}

/** Ends by an error: the server's, or that of the connection. */
async function listAndWatch<T extends Versioned>(
  api: KubernetesApi,
  path: string,
  selector: string,
  sink: Sink<T>,
  listed: () => void,
): Promise<never> {
  const query = { labelSelector: selector };
  const list = await api.get<{ items?: T[] } & Versioned>(`${path}?${new URLSearchParams(query)}`);
  sink.replace(list.items ?? []);
  listed();
  let resourceVersion = list.metadata?.resourceVersion ?? '';
  for (;;) {
    const watched = new URLSearchParams({
      ...query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds),
      resourceVersion,
    });
    await api.watch(`${path}?${watched}`, (event) => {
      const { type, object } = event as WatchEvent<T>;
      if (type === 'ERROR') throw new Error(`the watch ended: ${JSON.stringify(object).slice(0, 300)}`);
      resourceVersion = object.metadata?.resourceVersion ?? resourceVersion;
      if (type === 'DELETED') sink.remove(object);
      else if (type !== 'BOOKMARK') sink.put(object);
    });
    // Also when the server ends each watch at once.
    await pause(FIRST_PAUSE_MS);
  }
}
