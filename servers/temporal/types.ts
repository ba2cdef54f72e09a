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

/** A connected Temporal server. */
export interface Temporal {
  readonly workflow: temporal.api.workflowservice.v1.WorkflowService;
  readonly operator: temporal.api.operatorservice.v1.OperatorService;
  /** The same connection for calls that another signal aborts, or none: for cleaning up after an interruption. */
  under(signal?: AbortSignal): Temporal;
  close(): void;
}

/** The wanted state of a namespace. */
export interface NamespaceRequest {
  readonly name: string;
  readonly owner: NamespaceOwner;
  /** At least 3600: the server's minimum. */
  readonly retentionSeconds: number;
  readonly searchAttributes: SearchAttributes;
  /** Search attributes of an earlier version of the spec, to be removed. Other existing ones stay. */
  readonly retired: readonly string[];
}
