import { join } from 'node:path';
import { expect, test } from 'vitest';
import { instrumentationFiles } from '../../../resources/instrumentation/files.ts';

test('a build that was made without a language says how to have it', async () => {
  const nowhere = join(import.meta.dirname, 'no-such-folder');
  await expect(instrumentationFiles('python', nowhere)).rejects.toMatchObject({
    code: 'COPPICE_BUILD',
    hint: 'in its clone, with Python 3 and pip: npm run build',
  });
});

test('what traces node services goes as text', async () => {
  const { data, binaryData } = await instrumentationFiles('node');
  expect(Object.keys(data).length).toBeGreaterThan(1);
  expect(binaryData).toEqual({});
});
