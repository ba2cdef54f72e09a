import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { readIfPresent } from '../../core/files.ts';

/**
 * Removes the Pulumi.<stack>.yaml that `pulumi` by hand left beside a Pulumi.yaml, if it contains only the salt: the
 * state has that too, and the file of a removed stack would only confuse. A user's settings stay.
 */
export async function forgetSalt(folder: string, stack: string): Promise<void> {
  for (const place of [folder, join(folder, 'infra')]) {
    const file = join(place, `Pulumi.${stack}.yaml`);
    const text = await readIfPresent(file).catch(() => undefined);
    if (text === undefined) continue;
    const content: unknown = parseDocument(text).toJS();
    const keys = typeof content === 'object' && content !== null ? Object.keys(content) : ['?'];
    if (keys.every((key) => key === 'encryptionsalt')) await rm(file, { force: true });
  }
}
