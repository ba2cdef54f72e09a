import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

const rooms = ['cli', 'app', 'stacks', 'provider', 'infra', 'resources', 'config', 'git', 'core'];

test('everything that walks over the files of an app leaves nested worktrees alone, as one function does it', () => {
  const sources = globSync(rooms.map((room) => `${room}/**/*.ts`));
  const walking = sources.filter((file) =>
    /from 'tinyglobby'|import\('tinyglobby'\)|\b(readdir|opendir|glob)(Sync)?\([^)]*recursive/.test(
      readFileSync(file, 'utf8'),
    ),
  );
  expect(walking).toEqual(['config/files/matching.ts']);
});
