/** What differs between two lines that mean the same, the longest forms first. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d{1,2}:\d\d:\d\d([.,]\d+)?( [AP]M)?\b/g, '<time>'],
  [/\b\d{1,3}(\.\d{1,3}){3}\b/g, '<ip>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\d+(\.\d+)?/g, '<n>'],
];

/** Names that VictoriaLogs' `collapse_nums prettify` gives to the same. */
const foreign: Readonly<Record<string, string>> = {
  '<N>': '<n>',
  '<IP4>': '<ip>',
  '<IP6>': '<ip>',
  '<UUID>': '<uuid>',
  '<DATETIME>': '<time>',
  '<DATE>': '<time>',
  '<TIME>': '<time>',
};

/** The first line of a text with what varies replaced: two lines of one pattern are the same news. */
export function patternOf(text: string): string {
  let pattern = firstLine(text);
  for (const [name, ours] of Object.entries(foreign)) pattern = pattern.replaceAll(name, ours);
  for (const [form, name] of varying) pattern = pattern.replace(form, name);
  return pattern;
}

/** A stack trace is named by its first line, whatever its frames are; blank lines in front say nothing. */
export function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
