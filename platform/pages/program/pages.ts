import type { KubeReader } from '../../../cluster/kube/client.ts';
import { isLocalHost } from './environments.ts';
import type { KubernetesApi } from './kubernetes.ts';
import { hostOf, type Matched, match } from './match.ts';
import { outageOf, readyNow } from './outage.ts';
import { outagePage } from './outage-page.ts';
import type { Page } from './page.ts';
import { readerOf } from './reader.ts';
import { readyAddresses } from './slices.ts';
import { type Gateway, unknownHostPage } from './unknown-host.ts';
import { keyOf, type View } from './view.ts';

/** What is asked. */
export interface Question {
  /** `Host` or `:authority` */
  readonly authority: string | undefined;
  /** Path and query. */
  readonly url: string;
  /** Whether the gateway has a route for it: what it knows counts, not what was seen here a moment before or after. */
  readonly routed: boolean;
}

/** A page, or the pods that answer: the gateway may not have seen yet that there are some again. */
export type Reply =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'pods'; readonly addresses: readonly string[] };

export interface Replies {
  reply(question: Question): Promise<Reply>;
  /** Even if pods should answer. */
  page(question: Question): Promise<Page>;
}

/** Decides what a request gets that no pod answered. */
export class Pages implements Replies {
  private readonly api: KubernetesApi;
  private readonly reader: KubeReader;
  private readonly view: View;
  private readonly gateway: Gateway;

  constructor(api: KubernetesApi, view: View, gateway: Gateway) {
    this.api = api;
    this.reader = readerOf(api);
    this.view = view;
    this.gateway = gateway;
  }

  async reply(question: Question): Promise<Reply> {
    const matched = this.matched(question);
    if (matched) {
      const addresses = await this.addressesOf(matched);
      if (addresses.length > 0) return { kind: 'pods', addresses };
    }
    return { kind: 'page', page: await this.page(question) };
  }

  async page(question: Question): Promise<Page> {
    const host = hostOf(question.authority);
    const matched = this.matched(question);
    if (!matched) {
      return unknownHostPage(this.gateway, this.view, host, question.url.replace(/[?#].*$/, ''));
    }
    const detailed = this.gateway.port !== undefined && isLocalHost(host);
    return outagePage(await outageOf(this.reader, matched), detailed);
  }

  private matched({ authority, url, routed }: Question): Matched | undefined {
    if (!routed) return undefined;
    return match(this.view, hostOf(authority), url);
  }

  private async addressesOf(matched: Matched): Promise<string[]> {
    try {
      return await readyNow(this.api, matched);
    } catch {
      // The API server is away: what was seen last.
      return readyAddresses(this.view.slices.get(keyOf(matched.service))?.values() ?? [], matched.port);
    }
  }
}
