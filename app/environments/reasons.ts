import { isNewsOf } from '../../resources/ready/check.ts';
import { sentence } from '../../resources/ready/sentence.ts';
import type { ObservedEnvironment } from './observe.ts';
import type { EnvironmentProblem } from './status.ts';

/** Why an environment is not simply up, one sentence each, the weightiest first; empty for one that is. */
export function reasonsOf(
  { stopped, services, installs, routes }: ObservedEnvironment,
  problems: readonly EnvironmentProblem[],
): string[] {
  const whole = problems.map(({ what }) => what);
  if (stopped) return ['`wt stop` removed its pods', ...whole];
  const weight = ['failing', 'degraded', 'starting'];
  const unready = services
    .filter(({ state }) => weight.includes(state))
    .sort((one, other) => weight.indexOf(one.state) - weight.indexOf(other.state))
    .map(({ name, state, reasons, error }) => {
      const why = sentence(name, reasons[0] ?? `is ${state}`);
      return error === undefined ? why : `${why}: ${error}`;
    });
  const installing = installs
    .filter(({ state }) => state !== 'done')
    .map(({ name, state }) =>
      state === 'running' ? `packages of ${name} are being installed` : `packages of ${name} are incomplete`,
    );
  const unanswered = routes
    .filter((route) => isNewsOf(route, services))
    .map(({ url, status, reason }) => `${url} ${reason ?? `answers ${status}`}`);
  return [...unready, ...unanswered, ...installing, ...whole];
}
