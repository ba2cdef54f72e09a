import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { platformStackName } from '../../../../app/platform/ensure.ts';
import { packageRoot } from '../../../../core/package-root.ts';

test('the stack of the platform is in the project that `pulumi up` by hand takes from Pulumi.yaml', () => {
  const { name } = parse(readFileSync(join(packageRoot(), 'Pulumi.yaml'), 'utf8'));
  expect(platformStackName.project).toBe(name);
});
