import type { Path } from '../../yaml/data.ts';
import type { Finding } from '../../yaml/document.ts';
import type { ServiceSpec, Spec } from '../schema/spec.ts';

/** A spec under examination. Fields that are wrong by themselves are not in `spec`, though they are written. */
export interface SpecView {
  readonly spec: Spec;
  readonly profile: string;
  /** Whether the file has a value there, right or wrong: rules about absence use this. */
  written(path: Path): boolean;
  /** All names under `services`, wrong ones too. */
  readonly serviceNames: readonly string[];
}

export interface Rule {
  readonly name: string;
  readonly check: (view: SpecView) => Finding[];
}

export function each(view: SpecView, check: (name: string, service: ServiceSpec) => Finding[]): Finding[] {
  return Object.entries(view.spec.services).flatMap(([name, service]) => check(name, service));
}

export function value(path: Path, message: string, hint: string): Finding {
  return { path, at: 'value', message, hint };
}

export function key(path: Path, message: string, hint: string): Finding {
  return { path, at: 'key', message, hint };
}
