/** Columns as wide as their longest cell, two spaces apart, no trailing blanks. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return rows
    .map(
      (row) =>
        indent +
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
    )
    .join('\n');
}

/** The URLs of an environment, one a line, each after its service. */
export function urlTable(urls: readonly { readonly service: string; readonly url: string }[]): string {
  return table(
    urls.map(({ service, url }) => [service, url]),
    '  ',
  );
}
