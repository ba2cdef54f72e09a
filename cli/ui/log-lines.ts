import type { EndedRun, LogLine, LogRun } from '../../cluster/kube/logs.ts';
import { servicePainter } from './paint.ts';

export interface LogLook {
  readonly services: readonly string[];
  readonly color: boolean;
  /** Each line's time behind its service. */
  readonly timestamps: boolean;
}

/**
 * Logs for people: each line with its service in front. Once a service has several pods here also which pod
 * (`web-7c9x4`), and once a pod has several processes here also which process (`web-7c9x4#2`, after its second
 * restart). `write` receives whole lines without their line break.
 */
export class LogLines {
  readonly #look: LogLook;
  readonly #write: (line: string) => void;
  readonly #paint: (service: string, text: string) => string;
  readonly #runs: LogRun[] = [];
  #width: number;

  constructor(look: LogLook, write: (line: string) => void) {
    this.#look = look;
    this.#write = write;
    this.#paint = servicePainter(look.services, look.color);
    this.#width = widest(look.services);
  }

  readonly onRuns = (runs: readonly LogRun[]): void => {
    this.#runs.push(...runs);
    this.#width = widest([...this.#look.services, ...this.#runs.map((run) => this.#label(run))]);
  };

  readonly onLine = (line: LogLine): void => {
    const time = this.#look.timestamps && line.time !== undefined ? `${line.time} ` : '';
    this.#put(line, `${time}${line.text}`);
  };

  readonly onEnded = (run: EndedRun): void => this.#put(run, `--- ${endOf(run)} ---`);

  #put(run: LogRun, text: string): void {
    this.#write(`${this.#paint(run.service, this.#label(run).padEnd(this.#width))} | ${text}`);
  }

  #label({ service, pod, restarts }: LogRun): string {
    const runs = this.#runs.filter((run) => run.service === service);
    if (runs.length <= 1) return service;
    const several = runs.some((run) => run.pod === pod && run.restarts !== restarts);
    return `${service}-${pod.slice(pod.lastIndexOf('-') + 1)}${several ? `#${restarts}` : ''}`;
  }
}

/** `pod web-5d8f-7c9x4, process that ended at 2026-01-02T03:04:05Z: exit code 137, OOMKilled`. */
function endOf({ pod, ended, exitCode, reason }: EndedRun): string {
  const at = ended === undefined ? '' : ` at ${ended}`;
  const how = [exitCode === undefined ? [] : `exit code ${exitCode}`, reason ?? []].flat();
  return `pod ${pod}, process that ended${at}${how.length > 0 ? `: ${how.join(', ')}` : ''}`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

/** Logs for programs: a document a line, `{service, pod, restarts, time, text}`, with `previous` also how it ended. */
export function logDocuments(write: (line: string) => void) {
  let end: Pick<EndedRun, 'ended' | 'exitCode' | 'reason'> = {};
  return {
    onRuns: () => {},
    onLine: (line: LogLine) => write(JSON.stringify({ ...line, ...end })),
    onEnded: ({ service, pod, restarts, ...rest }: EndedRun) => {
      end = rest;
    },
  };
}
