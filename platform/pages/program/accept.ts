export type Format = 'html' | 'json' | 'text';

const formats: readonly (readonly [Format, RegExp])[] = [
  ['html', /^(text\/html|application\/xhtml\+xml)$/],
  ['json', /^application\/([\w.-]+\+)?json$/],
  ['text', /^text\/plain$/],
];

/** What a client prefers of the three; text for those without a preference, such as curl. RFC 9110 12.5.1. */
export function formatFor(accept: string | undefined): Format {
  const ranges = (accept ?? '').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const format = formats.find(([, pattern]) => pattern.test(type))?.[0];
    return { format, weight: weight === undefined ? 1 : Number(weight) || 0 };
  });
  const [best] = ranges
    .filter(({ format, weight }) => format !== undefined && weight > 0)
    .sort((one, other) => other.weight - one.weight);
  return best?.format ?? 'text';
}
