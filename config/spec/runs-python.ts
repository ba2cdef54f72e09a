import type { ServiceSpec } from './schema/spec.ts';

/** Programs that are Python's own, or start what is written in it. */
const programs = [
  ...['python', 'pypy', 'ipython', 'flask', 'django-admin', 'manage.py', 'fastapi'],
  ...['uvicorn', 'gunicorn', 'hypercorn', 'daphne', 'granian', 'waitress-serve', 'celery'],
  ...['poetry', 'pipenv', 'pdm', 'hatch', 'uv', 'uvx', 'pip'],
];

/**
 * Whether a service of an image runs Python, as far as it is written: its command has a program of Python's, or its
 * image is named after it (`python:3.13-slim`, `ghcr.io/astral-sh/uv:python3.12-alpine`).
 */
export function runsPython({
  runtime,
  image,
  command,
}: Pick<ServiceSpec, 'runtime' | 'image' | 'command'>): boolean {
  if (runtime !== undefined) return false;
  const words = [command ?? []].flat().flatMap((word) => word.split(/[\s;&|()'"]+/));
  return isImage(image) || words.some(isProgram);
}

/** `/app/.venv/bin/python3.12` is `python`. */
function isProgram(word: string): boolean {
  const name = word.split('/').at(-1) ?? '';
  return (
    programs.includes(name) ||
    programs.includes(name.replace(/\d+(\.\d+)?$/, '')) ||
    /^[\w./-]+\.py$/.test(word)
  );
}

function isImage(image = ''): boolean {
  const [name = '', tag = ''] = (image.split('/').at(-1) ?? '').split('@', 1)[0]?.split(':') ?? [];
  return /^(python|pypy)([\d.-]|$)/.test(name) || /^(python|pypy)\d/.test(tag);
}
