import { expect, test } from 'vitest';
import { lockedVersions } from '../../../../../app/worktrees/dependencies/venv.ts';

const versions = (file: string, text: string) => {
  const found = lockedVersions(file, text);
  return found && Object.fromEntries(found);
};

test('uv.lock and poetry.lock list packages by their normalized names, one of several versions too', () => {
  const text =
    'version = 1\n[[package]]\nname = "Flask_Async"\nversion = "3.1.0"\n[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "a"\nversion = "2"\n[[package]]\nname = "own"\nsource = { editable = "." }\n';
  expect(versions('uv.lock', text)).toEqual({ 'flask-async': '3.1.0', a: '1 2', own: '' });
});

test('Pipfile.lock lists those for development too', () => {
  const text = '{"default":{"a":{"version":"==1.0"}},"develop":{"b":{"version":"==2.0"}}}';
  expect(versions('Pipfile.lock', text)).toEqual({ a: '1.0', b: '2.0' });
});

test('requirements.txt counts where every version is fixed', () => {
  const text = '# all\nflask[async]==3.1.0 \\\n    --hash=sha256:ab\nA.b == 1.0  # why\n\n';
  expect(versions('requirements.txt', text)).toEqual({ flask: '3.1.0', 'a-b': '1.0' });
});

test.each(['flask>=3', '-r other.txt', '-e .', 'flask', 'flask==3.*', 'flask==3; python_version<"3"'])(
  'requirements.txt with the line %s leaves versions open',
  (line) => {
    expect(versions('requirements.txt', `a==1\n${line}\n`)).toBeUndefined();
  },
);
