// Writes the table of docs/troubleshooting.md from core/error-codes.ts: `node scripts/error-codes.mjs`; --check only
// compares.
import { generatePart, importTypeScript } from './generated.mjs';

const { errorCodes } = await importTypeScript('core/error-codes.ts');
const { exitCodeFor } = await importTypeScript('core/exit-code.ts');
const rows = Object.entries(errorCodes)
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([code, { means, fix }]) => {
    const exitCode = exitCodeFor(code);
    const name = exitCode === 1 ? `\`${code}\`` : `\`${code}\` (exit code ${exitCode})`;
    return `| ${name} | ${means} | ${fix} |`;
  });
const table = ['| code | what it means | what to do |', '|---|---|---|', ...rows].join('\n');
generatePart('docs/troubleshooting.md', 'error-codes', table, 'error-codes.mjs');
