import { CoppiceError } from '../../core/errors.ts';
import type { EnvironmentName } from '../target/target.ts';

export function noEnvironmentError({ app, slug, toBringUp: hint = 'wt up' }: EnvironmentName): CoppiceError {
  return new CoppiceError('COPPICE_NO_ENVIRONMENT', `${app}/${slug} is not up`, { hint });
}
