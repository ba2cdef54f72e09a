import { defined } from '../../core/defined.ts';
import type { Row } from '../screen.ts';
import type { DiagnosticEvent, EngineEvent, StepMetadata, SummaryEvent } from './events.ts';
import { isHidden, resourceLabel, urnParts } from './resource-labels.ts';

export interface Step {
  readonly urn: string;
  /** For people: `deployment web`. */
  readonly label: string;
  readonly op: string;
  readonly status: 'running' | 'done' | 'failed';
  /** The resource's latest message while it was in progress. */
  readonly detail?: string;
  /** Milliseconds of the clock that `reduce` received. */
  readonly began: number;
  readonly ended?: number;
}

export interface Diagnostic {
  readonly severity: 'warning' | 'error';
  /** The resource, for people; absent when the message comes from the program or the engine. */
  readonly resource?: string;
  readonly message: string;
}

/** The result of an engine operation so far. */
export interface RunState {
  readonly steps: ReadonlyMap<string, Step>;
  readonly diagnostics: readonly Diagnostic[];
  readonly summary?: SummaryEvent;
}

export const initialState: RunState = { steps: new Map(), diagnostics: [] };

/** Interprets engine events; no other code does. `now` is in milliseconds of any clock. */
export function reduce(state: RunState, event: EngineEvent, now: number): RunState {
  if (event.resourcePreEvent) return startStep(state, event.resourcePreEvent.metadata, now);
  if (event.resOutputsEvent) return endStep(state, event.resOutputsEvent.metadata, 'done', now);
  if (event.resOpFailedEvent) return endStep(state, event.resOpFailedEvent.metadata, 'failed', now);
  if (event.diagnosticEvent) return addDiagnostic(state, event.diagnosticEvent);
  if (event.errorEvent) return addDiagnostic(state, { severity: 'error', message: event.errorEvent.error });
  if (event.summaryEvent) return { ...state, summary: event.summaryEvent };
  return state;
}

function startStep(state: RunState, metadata: StepMetadata, now: number): RunState {
  const { urn, op, type } = metadata;
  if (isHidden(type)) return state;
  const label = labelOf(metadata);
  return {
    ...state,
    steps: new Map(state.steps).set(urn, { urn, label, op, status: 'running', began: now }),
  };
}

function endStep(state: RunState, metadata: StepMetadata, status: 'done' | 'failed', now: number): RunState {
  const { urn, op, type } = metadata;
  if (isHidden(type)) return state;
  const began = state.steps.get(urn)?.began ?? now;
  const kept = metadata.old?.retainOnDelete && op === 'delete';
  const step = { urn, label: labelOf(metadata), op: kept ? 'keep' : op, status, began, ended: now };
  return { ...state, steps: new Map(state.steps).set(urn, step) };
}

function labelOf({ urn, new: wanted, old }: StepMetadata): string {
  return resourceLabel(urn, wanted?.inputs ?? old?.inputs);
}

function addDiagnostic(state: RunState, event: DiagnosticEvent): RunState {
  const message = event.message.trim();
  if (message === '' || isNoise(message)) return state;
  const step = event.urn ? state.steps.get(event.urn) : undefined;
  if (event.severity === 'error' || (event.severity === 'warning' && !event.ephemeral)) {
    const named = resourceFor(event.urn, step);
    const diagnostic: Diagnostic = {
      severity: event.severity,
      message: withoutPrefix(message),
      ...defined({ resource: named }),
    };
    const known = state.diagnostics.some((other) => other.message === diagnostic.message);
    return known ? state : { ...state, diagnostics: [...state.diagnostics, diagnostic] };
  }
  if (step?.status === 'running' && event.severity.startsWith('info')) {
    const detail = message.split('\n', 1)[0] ?? '';
    return { ...state, steps: new Map(state.steps).set(step.urn, { ...step, detail }) };
  }
  return state;
}

/** What one of our own resources says while it is worked on, which is worth a line that stays. */
export function noteIn({ diagnosticEvent }: EngineEvent): string | undefined {
  if (diagnosticEvent?.severity !== 'info' || diagnosticEvent.urn === undefined) return undefined;
  return urnParts(diagnosticEvent.urn).type.startsWith('coppice:')
    ? diagnosticEvent.message.trim()
    : undefined;
}

/** Messages of our own resources already name what they are about. */
function resourceFor(urn: string | undefined, step: Step | undefined): string | undefined {
  const type = urn === undefined ? undefined : urnParts(urn).type;
  if (urn === undefined || type === undefined || isHidden(type) || type.startsWith('coppice:'))
    return undefined;
  return step?.label ?? resourceLabel(urn);
}

/** Sentences of the engine that repeat another diagnostic, less clearly. */
const noise: readonly RegExp[] = [
  /^(update|destroy|refresh|preview) (failed|canceled)$/i,
  /^error: update failed$/i,
  /^resource registration .*failed/i,
  /^One or more errors occurred/,
  /^an unhandled error occurred: (program )?exited with non-zero exit code/i,
  /^(program )?failed with an unhandled exception/i,
  /^Error: failed to register new resource .* 2 UNKNOWN/i,
  /^failed to register new resource/i,
  /^Running program .* failed with an unhandled exception/i,
  /from \$PATH|using pulumi-(resource|language)-.* from/i,
  /^Attempting to deploy or update resources with \d+ pending operations/,
  /BAIL$/,
];

/** @internal Exported for its test, which passes recorded values. */
export function isNoise(message: string): boolean {
  return noise.some((pattern) => pattern.test(message));
}

/** Prefixes that the engine adds to a provider's message. */
function withoutPrefix(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/^\S+ resource '[^']*'(?:: property \S+ value \{.*?\})? has a problem: /, '')
    .replace(
      /^(?:creating|updating|deleting|refreshing|reading) urn:pulumi:\S+: \d+ error occurred:\s*\* /,
      '',
    )
    .replace(/^(?:\d+ UNKNOWN|rpc error: code = \w+ desc =)\s*:?\s*/, '')
    .trim();
}

/** Operations that changed something, or tried to, in the past tense. */
const pastTense: Readonly<Record<string, string>> = {
  create: 'created',
  'create-replacement': 'recreated',
  update: 'updated',
  delete: 'deleted',
  'delete-replaced': 'deleted the old one',
  replace: 'replaced',
  import: 'adopted',
  keep: 'left in place',
};
const presentTense: Readonly<Record<string, string>> = {
  create: 'creating',
  'create-replacement': 'recreating',
  update: 'updating',
  delete: 'deleting',
  'delete-replaced': 'deleting the old one',
  refresh: 'looking',
};

/** Rows for the screen: what is in progress, changed or failed; unchanged resources are left out. */
export function rowsOf(state: RunState): Row[] {
  return [...state.steps.values()].flatMap((step) => {
    const verb = step.status === 'running' ? presentTense[step.op] : pastTense[step.op];
    if (step.status !== 'failed' && verb === undefined) return [];
    const detail =
      step.status === 'running' ? (step.detail ?? verb) : step.status === 'done' ? verb : undefined;
    return [
      {
        id: step.urn,
        label: step.label,
        status: step.status,
        began: step.began,
        depth: 1,
        ...defined({ detail, ended: step.ended }),
      },
    ];
  });
}

/** How many resources were really touched. */
export function changesOf(state: RunState): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const step of state.steps.values()) {
    const verb = step.status === 'done' ? pastTense[step.op] : undefined;
    if (verb !== undefined) counts[verb] = (counts[verb] ?? 0) + 1;
  }
  return counts;
}
