import { z } from 'zod';

/** Kinds of values that several sections of coppice.yaml have. */

const halfRule = 'must not contain half of a surrogate pair';

/** No process can be given other text: it ends at the first NUL, and is passed on as UTF-8. */
export const processText = z
  .string()
  .refine((value) => !value.includes('\0'), { error: 'must not contain a NUL character' })
  .refine((value) => !/\p{Surrogate}/u.test(value), { error: halfRule });

/** YAML reads `1.10` as a number; the loader passes on what was written, see config/yaml/text.ts. */
export const text = z
  .union([processText, z.number(), z.boolean()], { error: 'must be text' })
  .transform(String);

const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds in `90s`, `2m`, `24h` or `7d`. */
export function secondsOf(duration: string): number {
  return Number.parseInt(duration, 10) * (secondsIn[duration.slice(-1)] ?? 1);
}

const durationRule = 'must be a time such as 90s or 5m';
export const duration = z
  .string({ error: durationRule })
  .regex(/^[1-9]\d{0,3}[sm]$/, { error: durationRule });

export const command = z.union([processText.min(1), z.array(text).min(1)], {
  error: 'must be text or a list of words, and not empty',
});

const imageRule = 'must be an image reference such as python:3.13-slim';
/** https://github.com/distribution/reference/blob/v0.6.0/regexp.go, without IPv6 addresses and other digests. */
const imagePattern = (() => {
  const label = '[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?';
  const registry = `(${label}(\\.${label})*(:[0-9]{1,5})?/)?`;
  const part = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';
  const tag = '(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?';
  return new RegExp(`^${registry}${part}(/${part})*${tag}(@sha256:[a-f0-9]{64})?$`);
})();
export const image = z
  .string({ error: imageRule })
  .regex(imagePattern, { error: `${imageRule}: lower case, no spaces` })
  .refine((value) => value.replace(/(:[^/:]*)?(@.*)?$/, '').length <= 255, {
    error: 'must hold at most 255 characters before its tag',
  });

export const variables = z.record(
  z.string().regex(/^[-._A-Za-z][-._A-Za-z0-9]*$/, {
    error: 'must be the name of an environment variable: letters, digits and _, not a digit first',
  }),
  text,
);

/**
 * Runtimes that the image catalogue has. Every other language comes as `image:`.
 *
 * @internal A test ties it to its other copies.
 */
export const runtimes = ['node'] as const;
export const runtime = z.enum(runtimes);

/** Bytes, NAME_MAX of Linux and macOS. */
const longestFileName = 255;

/** Whatever is read or covered must lie below the folder of coppice.yaml: a pod sees nothing else. */
const insideRule = 'must be a path below this folder, without ..';
export const inside = z
  .string({ error: insideRule })
  .regex(/^(?![/~])(?!(.*\/)?\.\.(\/|$))[^\\\0]+$/, { error: insideRule })
  .refine((path) => !/\p{Surrogate}/u.test(path), { error: halfRule })
  .refine((path) => path.split('/').every((part) => Buffer.byteLength(part) <= longestFileName), {
    error: `must have names of at most ${longestFileName} bytes`,
  });
