import { CoppiceError } from '../../core/errors.ts';
import { nearest } from '../../core/suggest.ts';
import type { EnvironmentName } from './target.ts';

/** Of an environment that a verb needs up. */
export function noEnvironmentError({
  app,
  slug,
  toBringUp: hint = 'wt up',
}: Pick<EnvironmentName, 'app' | 'slug' | 'toBringUp'>): CoppiceError {
  return new CoppiceError('COPPICE_NO_ENVIRONMENT', `${app}/${slug} is not up`, { hint });
}

/** Other environments, by `app/slug`. */
export interface OtherEnvironments {
  readonly up: readonly string[];
  /** Gone, and a store has something of them. */
  readonly gone: readonly string[];
}

/** Names in a hint. */
const MOST_NAMES = 6;

/**
 * Of one that is not up and of which no store has anything: names the one that was meant, or those that there are.
 */
export function neverSeenError(
  name: Pick<EnvironmentName, 'app' | 'slug' | 'toBringUp' | 'unknown'>,
  others: OtherEnvironments,
): CoppiceError {
  const { app, slug, toBringUp = 'wt up', unknown = false } = name;
  const message = `${app}/${slug} is not up, and nothing is stored of it`;
  if (!unknown) return new CoppiceError('COPPICE_NO_ENVIRONMENT', message, { hint: toBringUp });
  const short = (full: string) => (full.startsWith(`${app}/`) ? full.slice(app.length + 1) : full);
  const best = nearest(slug, [...others.up, ...others.gone].map(short));
  if (best !== undefined)
    return new CoppiceError('COPPICE_NO_ENVIRONMENT', message, { hint: `did you mean "${best}"?` });
  const exist = [
    ...namedAs('up', others.up.map(short)),
    ...namedAs('gone, with telemetry', others.gone.map(short)),
  ].join('; ');
  return new CoppiceError('COPPICE_NO_ENVIRONMENT', message, {
    hint: exist === '' ? toBringUp : exist,
  });
}

function namedAs(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return [`${what}: ${names.slice(0, MOST_NAMES).join(', ')}${more}`];
}
