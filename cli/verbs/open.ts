import { type VerbPorts, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

export const open = verb({
  usage: 'open [service]',
  summary: 'open an environment in the browser',
  about: 'Opens the URL of the primary service, or of the named one. Without a desktop it prints the URL.',
  examples: [['wt open api --env feat-b', 'the api service of another environment']],
  options: targetOptions,
  run: async ([service], named, ports) => {
    const { urlOf } = await import('../../app/environments/url.ts');
    const url = await urlOf(targetOf(named), service, ports);
    const opened = hasDesktop(ports);
    if (opened) await (await import('open')).default(url);
    return { text: url, json: { url, opened } };
  },
});

function hasDesktop({ env, terminal }: VerbPorts): boolean {
  if (!terminal.output) return false;
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
