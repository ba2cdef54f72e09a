import { describe, expect, test } from 'vitest';
import { terminalColors } from '../../../../cli/ui/terminal.ts';
import { doctorReport } from '../../../../cli/verbs/doctor.ts';
import { emptySweep } from '../../../../core/sweep.ts';

const paint = terminalColors(false);
const node = { name: 'node', ok: true, detail: 'v20', fix: 'never printed' };
const git = { name: 'git', ok: false, detail: 'is not on PATH', fix: 'install git' };
const machine = { title: 'this machine', checks: [node, git] };
const volume = { title: 'volume', checks: [{ name: 'volume', ok: false, detail: 'is full' }] };

describe('wt doctor', () => {
  test('prints each check below its section, and each problem with the next command', () => {
    const { text, exitCode } = doctorReport([machine, volume], undefined, paint);
    expect(text.split('\n')).toEqual([
      'this machine',
      '  ✓ node    v20',
      '  ✗ git     is not on PATH',
      '            try: install git',
      'volume',
      '  ✗ volume  is full',
      '2 of 3 are wrong',
    ]);
    expect(exitCode).toBe(1);
  });

  test('ends with 0 when nothing is wrong', () => {
    const { text, json, exitCode } = doctorReport([{ ...machine, checks: [node] }], undefined, paint);
    expect(text).toMatch(/\nnothing is wrong$/);
    expect(json).toEqual({ ok: true, sections: [{ ...machine, checks: [node] }] });
    expect(exitCode).toBe(0);
  });

  test('as JSON has all sections, and with --fix what was removed', () => {
    expect(doctorReport([machine], emptySweep, paint)).toMatchObject({
      text: expect.stringMatching(/^there was nothing to remove\nthis machine\n/),
      json: { ok: false, sections: [machine], fixed: { done: [], kept: [] } },
    });
  });
});
