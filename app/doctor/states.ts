import type { Check } from '../../core/check.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import {
  allStacks,
  type DamagedAttributes,
  damagedAttributes,
  damagedFormat,
  damagedFormatAttributes,
  keptDamaged,
  type StackName,
  stackDamage,
} from '../engine/index.ts';

/** Whether the state of every stack of the backend can be read, whichever folder this is. */
export async function stateChecks(): Promise<Check[]> {
  const stacks = await allStacks();
  const damaged = (await Promise.all([formatChecks(), ...stacks.map(stackChecks)])).flat();
  const kept = await keptChecks(stacks);
  if (damaged.length > 0) return [...damaged, ...kept];
  const detail = stacks.length === 0 ? 'none yet' : `all ${stacks.length} can be read`;
  return [{ name: 'states', ok: true, detail }, ...kept];
}

/** Damaged states that were kept go with their environment; those of one that is gone are of no use to anybody. */
async function keptChecks(stacks: readonly StackName[]): Promise<Check[]> {
  return (await keptDamaged()).map(({ project, stack, file }) => {
    const name = `${project}/${stack}`;
    const exists = stacks.some((one) => one.project === project && one.stack === stack);
    const removes = project === 'coppice' ? 'wt platform down' : `wt down ${name}`;
    return exists
      ? { name, ok: true, detail: `a damaged state is kept as ${file}; ${removes} removes it` }
      : {
          name,
          ok: false,
          detail: `a damaged state is kept as ${file}, and there is no such environment any more`,
          fix: `rm -r '${file}'`,
        };
  });
}

async function stackChecks(stack: StackName): Promise<Check[]> {
  const damage = await damageCheck(stack);
  const name = `${stack.project}/${stack.stack}`;
  return [...(damage ? [damage] : []), ...(await damagedAttributes(stack)).map(attributesCheck(name))];
}

async function formatChecks(): Promise<Check[]> {
  const attributes = (await damagedFormatAttributes()).map(attributesCheck('states'));
  const file = await damagedFormat();
  if (file === undefined) return attributes;
  const detail = `${file} is damaged; it holds no more than the number of the state's format, and is written again`;
  return [...attributes, { name: 'states', ok: false, detail, fix: `rm -r '${file}'` }];
}

/** The next engine that `wt` starts removes it; a `pulumi` by hand stops at it. */
function attributesCheck(name: string): (damaged: DamagedAttributes) => Check {
  return ({ file, problem }) => ({
    name,
    ok: false,
    detail: `${file} is damaged: ${problem}; it holds no more than content type and digest of the file beside it`,
    fix: `rm -r '${file}'`,
  });
}

async function damageCheck(stack: StackName): Promise<Check | undefined> {
  const name = `${stack.project}/${stack.stack}`;
  try {
    const damage = await stackDamage(stack);
    if (damage === undefined) return undefined;
    const { file, problem, copy } = damage;
    const fix =
      stack.project === 'coppice'
        ? 'wt platform up'
        : `wt up in its worktree puts the copy in place; so does wt down ${name}`;
    return { name, ok: false, detail: `its state ${file} is damaged: ${problem}; ${copy} is whole`, fix };
  } catch (error) {
    const hint = error instanceof CoppiceError ? error.hint : undefined;
    return { name, ok: false, detail: messageOf(error), ...defined({ fix: hint }) };
  }
}
