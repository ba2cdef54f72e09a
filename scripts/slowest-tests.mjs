// `node scripts/slowest-tests.mjs FOLDER [COUNT]`: Markdown tables of the slowest tests and files, from the reports of
// `COPPICE_TEST_REPORTS=FOLDER npm test`. A test's name is what it proves.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const [folder, count = '20'] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node scripts/slowest-tests.mjs FOLDER [COUNT]');
  process.exit(2);
}
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !name.endsWith('.again.json'))
  .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).testResults)
  .map((file) => ({
    // The run may have been in another clone.
    name: file.name.replace(/^.*\/test\//, 'test/').replace(`${root}/`, ''),
    seconds: (file.endTime - file.startTime) / 1000,
    tests: file.assertionResults,
  }));
const tests = files.flatMap(({ name, tests }) =>
  tests.map((test) => ({ file: name, sentence: test.fullName, seconds: (test.duration ?? 0) / 1000 })),
);

print(
  ['s', 'what it proves', 'file'],
  slowest(tests).map((test) => [test.seconds, test.sentence, code(test.file)]),
);
print(
  ['s', 'file', 'tests'],
  slowest(files).map((file) => [file.seconds, code(file.name), file.tests.length]),
);

function slowest(all) {
  return all.sort((one, other) => other.seconds - one.seconds).slice(0, Number(count));
}

function code(text) {
  return `\`${text.replace(/^test\//, '')}\``;
}

function print(heads, rows) {
  console.log(
    `| ${heads.join(' | ')} |\n|${heads.map((_, column) => (column === 0 ? '--:|' : '---|')).join('')}`,
  );
  for (const [seconds, ...cells] of rows)
    console.log(
      `| ${[Math.round(seconds), ...cells].map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`,
    );
  console.log('');
}
