import type { Span } from '../../servers/telemetry/traces.ts';

/** A span and what is below it. */
export interface TreeNode {
  readonly span: Span;
  /** By start. */
  readonly children: readonly TreeNode[];
  /** It has a parent that is not here: not yet arrived, dropped, or of another environment. */
  readonly orphan: boolean;
  /** Microseconds since 1970 at which it and everything below it had ended. */
  readonly end: number;
  /** Spans of it and below it. */
  readonly size: number;
  /** It or a span below it failed. */
  readonly fails: boolean;
  /** It is on the critical path. */
  readonly critical: boolean;
  /** Long times on the critical path, in microseconds, in which nothing below it ran. */
  readonly gaps: readonly Gap[];
}

export interface Gap {
  readonly start: number;
  readonly duration: number;
}

interface Draft {
  readonly span: Span;
  readonly children: Draft[];
  orphan: boolean;
  end: number;
  size: number;
  fails: boolean;
  critical: boolean;
  gaps: readonly Gap[];
}

/** A gap counts from this share of the whole trace on, and from this many microseconds. */
const GAP_SHARE = 0.1;
const GAP_LEAST = 5_000;

/**
 * The trees of a trace, by start: one, unless parents are missing. Spans whose parents go round in a circle hang below
 * the first of them. Works without recursion: a trace may be thousands of spans deep.
 */
export function treesOf(spans: readonly Span[]): readonly TreeNode[] {
  const drafts = spans.map(
    (span): Draft => ({
      span,
      children: [],
      orphan: false,
      end: span.start + span.duration,
      size: 1,
      fails: span.failed,
      critical: false,
      gaps: [],
    }),
  );
  const roots = linked(drafts);
  const inOrder = downwards(roots);
  for (const draft of inOrder.toReversed()) addUp(draft);
  markCritical(roots);
  markGaps(inOrder);
  return roots;
}

/** After what is below it. */
function addUp(draft: Draft): void {
  for (const { end, size, fails } of draft.children) {
    draft.end = Math.max(draft.end, end);
    draft.size += size;
    draft.fails ||= fails;
  }
}

/** Hangs each below its parent; returns those without one. */
function linked(drafts: readonly Draft[]): Draft[] {
  const byId = new Map<string, Draft>();
  for (const draft of drafts) if (!byId.has(draft.span.id)) byId.set(draft.span.id, draft);
  const parents = new Map<Draft, Draft>();
  for (const draft of drafts) {
    const { parent } = draft.span;
    const found = parent === undefined ? undefined : byId.get(parent);
    draft.orphan = parent !== undefined && found === undefined;
    if (found !== undefined && found !== draft) parents.set(draft, found);
  }
  openCircles(drafts, parents);
  for (const [draft, parent] of parents) parent.children.push(draft);
  for (const { children } of drafts) children.sort(byStart);
  return drafts.filter((draft) => !parents.has(draft)).sort(byStart);
}

function openCircles(drafts: readonly Draft[], parents: Map<Draft, Draft>): void {
  const settled = new Set<Draft>();
  for (const first of drafts) {
    const way = new Set<Draft>();
    let at: Draft | undefined = first;
    while (at !== undefined && !settled.has(at) && !way.has(at)) {
      way.add(at);
      at = parents.get(at);
    }
    if (at !== undefined && way.has(at)) parents.delete(at);
    for (const draft of way) settled.add(draft);
  }
}

function byStart(one: Draft, other: Draft): number {
  return one.span.start - other.span.start;
}

/** Each before what is below it. */
function downwards(roots: readonly Draft[]): Draft[] {
  const order = [...roots];
  // The loop reaches what it appends.
  for (const { children } of order) for (const child of children) order.push(child);
  return order;
}

/**
 * From the end backwards: what ended last before the next thing on the path began is what that waited for. As in Jaeger's
 * UI, but work that goes on after its parent has ended counts too: an order is done when its workflow is.
 *
 * https://www.jaegertracing.io/docs/latest/frontend-ui/#critical-path
 */
function markCritical(roots: readonly Draft[]): void {
  const last = roots.reduce<Draft | undefined>(
    (latest, root) => (latest === undefined || root.end > latest.end ? root : latest),
    undefined,
  );
  const waiting = last === undefined ? [] : [last];
  for (const draft of waiting) {
    draft.critical = true;
    waiting.push(...pathBelow(draft));
  }
}

/** The children on the path, the last first. */
function pathBelow({ children, end }: Draft): Draft[] {
  const path: Draft[] = [];
  let before = end;
  for (const child of [...children].sort((one, other) => other.end - one.end)) {
    if (child.end > before) continue;
    path.push(child);
    before = child.span.start;
  }
  return path;
}

function markGaps(drafts: readonly Draft[]): void {
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const draft of drafts) {
    start = Math.min(start, draft.span.start);
    end = Math.max(end, draft.end);
  }
  const least = Math.max(GAP_LEAST, (end - start) * GAP_SHARE);
  for (const draft of drafts)
    if (draft.critical && draft.children.length > 0)
      draft.gaps = uncovered(draft).filter(({ duration }) => duration >= least);
}

/** Times of a span itself in which no child ran. */
function uncovered({ span, children }: Draft): Gap[] {
  const gaps: Gap[] = [];
  const spanEnd = span.start + span.duration;
  let covered = span.start;
  const gapUntil = (until: number) => {
    if (until > covered) gaps.push({ start: covered, duration: until - covered });
  };
  for (const child of children) {
    gapUntil(Math.min(child.span.start, spanEnd));
    covered = Math.max(covered, child.end);
  }
  gapUntil(spanEnd);
  return gaps;
}
