/** The fields of Pulumi's engine events that are used here; the source is `apitype.EngineEvent` in pulumi/sdk. */
export interface EngineEvent {
  readonly timestamp?: number;
  readonly resourcePreEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: DiagnosticEvent;
  readonly summaryEvent?: SummaryEvent;
  readonly errorEvent?: { readonly error: string };
}

export interface StepMetadata {
  /** `create`, `update`, `delete`, `same`, `refresh`, `read`, `replace`, `create-replacement`, ... */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly new?: StepState | null;
  readonly old?: StepState | null;
}

export interface StepState {
  readonly id?: string;
  readonly custom?: boolean;
  /** Left in place when it is removed from the state. */
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface DiagnosticEvent {
  readonly urn?: string;
  readonly message: string;
  /** `info`, `info#err`, `warning`, `error`, `debug`. */
  readonly severity: string;
  readonly ephemeral?: boolean;
}

export interface SummaryEvent {
  readonly durationSeconds: number;
  /** Number of resources per operation. */
  readonly resourceChanges: Readonly<Record<string, number>>;
  /** `succeeded`, `failed` or `canceled`. */
  readonly result?: string;
}
