import { afterAll, beforeAll, expect } from 'vitest';

/** What test files share: they run one after the other in one process, as a process for each doubles the time. */
const surroundings = () => ({
  folder: process.cwd(),
  variables: { ...process.env },
  exitCode: process.exitCode,
});

let found: ReturnType<typeof surroundings>;
beforeAll(() => {
  found = surroundings();
});
afterAll(() => {
  expect(surroundings(), 'a test file leaves its process as it found it').toEqual(found);
});
