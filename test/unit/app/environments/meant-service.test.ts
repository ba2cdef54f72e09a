import { expect, test } from 'vitest';
import { meant } from '../../../../app/environments/meant-service.ts';

const services = ['web', 'api'];

test.each([
  [[], {}],
  [['web'], { service: 'web' }],
  [['ECONNREFUSED'], { text: 'ECONNREFUSED' }],
  [['web', 'ECONNREFUSED'], { service: 'web', text: 'ECONNREFUSED' }],
  [['connection', 'refused'], { text: 'connection refused' }],
])('%j means %j', (words, what) => {
  expect(meant({ words }, services)).toEqual(what);
});

test('with --service every word is a text', () => {
  expect(meant({ words: ['web'], service: 'api' }, services)).toEqual({ service: 'api', text: 'web' });
  expect(() => meant({ words: [], service: 'wbe' }, services)).toThrow('there is no service wbe');
});
