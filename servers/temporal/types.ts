import type { temporal } from '@temporalio/proto';
import type { SearchAttributes } from '../../config/spec/search-attributes.ts';
import type { NamespaceOwner } from './namespaces/mark.ts';

/** How to reach a server's frontend. */
export interface Frontend {
  /** `host:port` */
  readonly address: string;
  /** Absent: plain text, unless there is an API key. PEM texts. */
  readonly tls?: {
    readonly serverName?: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  };
  readonly apiKey?: string;
}

/** A server of Temporal that is connected. */
export interface Temporal {
  readonly workflow: temporal.api.workflowservice.v1.WorkflowService;
  readonly operator: temporal.api.operatorservice.v1.OperatorService;
  /** The same connection for calls that end with another signal, or with none: what an interruption leaves to do. */
  under(signal?: AbortSignal): Temporal;
  close(): void;
}

/** What a namespace is to be. */
export interface NamespaceRequest {
  readonly name: string;
  readonly owner: NamespaceOwner;
  /** At least 3600: the server takes no less. */
  readonly retentionSeconds: number;
  readonly searchAttributes: SearchAttributes;
  /** Search attributes that an earlier version of the spec had: removed. Others that are there stay. */
  readonly retired: readonly string[];
}
